package io.vipscope.tools;

import io.vipscope.capture.CaptureException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;

/** The key of pseudonyms, in a file of 64 hexadecimal digits. */
final class AnonymizeKey {

  private static final int BYTES = 32;

  private AnonymizeKey() {}

  /**
   * Reads the key; makes one, for its owner's eyes alone, if the file is not there.
   *
   * @throws CaptureException if the file holds no key, or cannot be read or made
   */
  static byte[] of(Path file) {
    try {
      if (!Files.exists(file)) {
        byte[] key = new byte[BYTES];
        new SecureRandom().nextBytes(key);
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, HexFormat.of().formatHex(key) + "\n");
        return key;
      }
      String text = Files.readString(file).strip();
      if (text.matches("[0-9a-fA-F]{64}")) {
        return HexFormat.of().parseHex(text);
      }
    } catch (FileAlreadyExistsException e) {
      throw new CaptureException(file + ": made by another run just now; start again", e);
    } catch (IOException e) {
      throw new CaptureException(file + ": cannot be read or made: " + IoReason.writing(e), e);
    }
    throw new CaptureException(file + ": no key; expected 64 hexadecimal digits");
  }
}
