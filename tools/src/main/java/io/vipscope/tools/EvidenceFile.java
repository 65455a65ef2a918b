package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import io.vipscope.capture.file.PcapngWriter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where evidence goes: a pcapng file, or standard output. It is opened at once, so that a target
 * that cannot be written is known before the audit.
 *
 * @param name as given by the user; {@code -} is standard output
 * @param snapLength bytes of each frame
 */
record EvidenceFile(String name, int snapLength, OutputStream out) {

  /** Of a frame without its payload: the headers of any tunnel, and some of what follows. */
  static final int HEADER_BYTES = 128;

  static final int ALL_BYTES = 262_144;

  /**
   * Opens it.
   *
   * @throws CaptureException if it cannot be written
   */
  static EvidenceFile open(String name, boolean payload) {
    int snapLength = payload ? ALL_BYTES : HEADER_BYTES;
    try {
      OutputStream out =
          name.equals("-")
              ? new FileOutputStream(FileDescriptor.out)
              : Files.newOutputStream(Path.of(name));
      return new EvidenceFile(name, snapLength, out);
    } catch (IOException e) {
      throw new CaptureException(name + ": cannot be written: " + IoReason.writing(e), e);
    }
  }

  PcapngWriter writer() throws IOException {
    return new PcapngWriter(out, "vipscope", snapLength);
  }

  CaptureException unwritable(IOException e) {
    return new CaptureException(name + ": cannot be written: " + IoReason.writing(e), e);
  }
}
