package io.vipscope.core.pipeline;

import io.vipscope.core.model.flow.FlowPrediction;
import io.vipscope.core.model.flow.FlowPredictor;
import io.vipscope.core.model.flow.FlowQuery;
import io.vipscope.core.model.snapshot.HostSnapshot;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Asks the pure model and remembers its latest answers: many flows ask the same. */
final class Predictions {

  private static final int REMEMBERED = 20_000;

  private final IdentityHashMap<HostSnapshot, FlowPredictor> predictors = new IdentityHashMap<>();
  private final IdentityHashMap<HostSnapshot, Map<FlowQuery, FlowPrediction>> answers =
      new IdentityHashMap<>();

  FlowPrediction predict(HostSnapshot state, FlowQuery query) {
    return answers
        .computeIfAbsent(state, _ -> new Recent<>())
        .computeIfAbsent(query, q -> predictor(state).predict(q));
  }

  FlowPredictor predictor(HostSnapshot state) {
    return predictors.computeIfAbsent(state, FlowPredictor::new);
  }

  /** Least recently used entries go first. */
  private static final class Recent<K, V> extends LinkedHashMap<K, V> {

    private static final long serialVersionUID = 1L;

    Recent() {
      super(64, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > REMEMBERED;
    }
  }
}
