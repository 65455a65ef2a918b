package io.vipscope.capture.filter;

/** A filter expression that libpcap does not accept. The message is one sentence for the user. */
public final class FilterSyntaxException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public FilterSyntaxException(String message, Throwable cause) {
    super(message, cause);
  }
}
