package io.vipscope.capture;

/**
 * An input that cannot be opened or read to its end. The message is one sentence for the user: it
 * names the file and the record or byte, and what was expected there.
 */
public final class CaptureException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public CaptureException(String message) {
    super(message);
  }

  public CaptureException(String message, Throwable cause) {
    super(message, cause);
  }
}
