package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.FrameSource;
import io.vipscope.capture.FrameSource.Next;
import io.vipscope.capture.file.Captures;
import io.vipscope.capture.file.PcapngWriter;
import io.vipscope.core.frame.FragmentTable;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.frame.MirrorOptions;
import io.vipscope.core.frame.MirroredFrame;
import io.vipscope.core.frame.Segments;
import java.io.IOException;
import java.util.List;

/** Copies the frames that mismatches and findings rest on: captures are read once more. */
final class EvidenceFrames {

  private EvidenceFrames() {}

  /**
   * Reads the captures once more and copies the frames.
   *
   * @param maxFrames of the captures; 0 = all
   * @return how many were copied
   * @throws CaptureException if the file cannot be written
   */
  static long write(
      EvidenceIndex index,
      List<String> captures,
      MirrorOptions mirror,
      long maxFrames,
      EvidenceFile to) {
    long copied = 0;
    try (PcapngWriter out = to.writer();
        FrameSource source = Captures.openAll(captures)) {
      MirroredFrame decoder = new MirroredFrame(mirror, new Segments());
      FragmentTable fragments = new FragmentTable();
      FrameHeader h = new FrameHeader();
      for (long number = 1; source.next() == Next.FRAME; number++) {
        decoder.decode(
            source.data(),
            source.dataOffset(),
            source.capturedLength(),
            source.wireLength(),
            source.linkType(),
            h);
        String comment = index.comment(h, fragments, number, source.timestampNs());
        if (comment != null) {
          out.frame(
              captures.get(source.sourceIndex()),
              source.linkType(),
              source.timestampNs(),
              source.data(),
              source.dataOffset(),
              source.capturedLength(),
              source.wireLength(),
              comment);
          copied++;
        }
        if (number == maxFrames) {
          break;
        }
      }
    } catch (IOException e) {
      throw to.unwritable(e);
    } catch (CaptureException _) {
      // The audit has said where a capture breaks off.
    }
    return copied;
  }
}
