package io.vipscope.core.pipeline;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.model.inverse.Evidence;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Takes, with each final verdict, what is known to explain the flow's source with. */
public interface EvidenceSink {

  /** For an audit that explains nothing. */
  EvidenceSink NONE = (_, _, _) -> {};

  /**
   * Called on the cold thread in capture order, as the flow's record is written.
   *
   * @param evidence to be asked during the call; gives null where the source was not compared with
   *     a prediction
   */
  void flow(FlowRecord flow, FlowVerdict verdict, Supplier<@Nullable Evidence> evidence);
}
