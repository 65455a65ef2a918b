package io.vipscope.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.vipscope.core.finding.Finding;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.FrameKind;
import io.vipscope.tools.view.ResultSink;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which frames are evidence, and what could not be. */
class EvidenceIndexTest {

  private static final PairData DEMO = new PairData(Path.of("demo").toAbsolutePath());

  @TempDir private Path folder;

  /** The findings of a run, as they were told. */
  private List<Finding> findings() throws Exception {
    Path expect = Files.writeString(folder.resolve("expect.yaml"), "- {must_be: primary}\n");
    Path records = folder.resolve("flows.jsonl");
    Files.writeString(
        records,
        DEMO.audit(DEMO.capture(), "--expect", expect.toString()).stream()
            .map(Object::toString)
            .collect(java.util.stream.Collectors.joining("\n")));
    List<Finding> told = new ArrayList<>();
    new RecordReplay(
            new ResultSink() {
              @Override
              public void finding(Finding finding) {
                told.add(finding);
              }
            })
        .read(records.toString());
    return told.stream().filter(f -> !f.frames().isEmpty()).toList();
  }

  private static @Nullable String comment(EvidenceIndex index, long number) {
    FrameHeader control = new FrameHeader();
    control.kind = FrameKind.CONTROL;
    return index.comment(control, new FragmentTable(), number, number);
  }

  @Test
  void placesThatFindingsNameAreEvidenceIfTheyAreToldInTime() throws Exception {
    Finding finding = findings().getFirst();
    long place = finding.frames().getFirst();
    EvidenceIndex inTime = new EvidenceIndex(10);
    inTime.add(finding);
    assertNull(comment(inTime, place + 1_000_000));
    assertNotNull(comment(inTime, place));
    assertEquals(0, inTime.late());
    EvidenceIndex late = new EvidenceIndex(10);
    assertNull(comment(late, place));
    late.add(finding);
    long first = late.late();
    assertEquals(finding.frames().stream().filter(f -> f <= place).distinct().count(), first);
    late.add(finding);
    assertEquals(first, late.late(), "told again");
  }
}
