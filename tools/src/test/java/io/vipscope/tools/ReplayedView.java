package io.vipscope.tools;

import io.vipscope.core.frame.Segments;
import io.vipscope.tools.view.AuditView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The view of the demo's audit, for tests of what shows it. */
public final class ReplayedView {

  private ReplayedView() {}

  /** Made of the records. */
  public static AuditView ofDemo() {
    PairData demo = new PairData(Path.of("demo").toAbsolutePath());
    try {
      Path records = Files.createTempFile("demo", ".jsonl");
      try {
        Files.writeString(
            records,
            demo.audit(demo.capture()).stream()
                .map(Object::toString)
                .collect(java.util.stream.Collectors.joining("\n")));
        AuditView view = new AuditView(new Segments(), 1_000);
        new RecordReplay(view).read(records.toString());
        return view;
      } finally {
        Files.delete(records);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
