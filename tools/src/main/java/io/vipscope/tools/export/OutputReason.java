package io.vipscope.tools.export;

import java.io.IOException;
import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;

/** Why a receiver cannot be reached, in a few words. */
final class OutputReason {

  private OutputReason() {}

  static String of(IOException e) {
    return switch (e) {
      case UnknownHostException _ -> "no address is known for this name";
      case PortUnreachableException _ -> "nobody listens there";
      case HttpTimeoutException _ -> "no answer in time";
      case ConnectException c when c.getCause() instanceof ClosedChannelException ->
          "nobody listens there";
      case ConnectException c when c.getMessage() == null -> "nobody listens there";
      default -> String.valueOf(e.getMessage());
    };
  }
}
