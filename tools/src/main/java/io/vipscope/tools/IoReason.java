package io.vipscope.tools;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why a file cannot be used, in a few words: file exceptions say only whose it is. */
final class IoReason {

  private IoReason() {}

  /** Of a file that is read. */
  static String reading(IOException e) {
    return of(e, "no such file");
  }

  /** Of a file that is written: what it lacks is the folder above. */
  static String writing(IOException e) {
    return of(e, "no such directory");
  }

  private static String of(IOException e, String missing) {
    return switch (e) {
      case NoSuchFileException _ -> missing;
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      case CharacterCodingException _ -> "it is not text in UTF-8";
      default -> String.valueOf(e.getMessage());
    };
  }
}
