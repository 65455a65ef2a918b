package io.vipscope.core.model.change;

/** The kernel would refuse the change. The message is one sentence without a full stop. */
public final class ChangeException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public ChangeException(String message) {
    super(message);
  }
}
