package io.vipscope.tools.web;

import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.tools.view.FlowRow;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which flows the table shows; an empty text takes all.
 *
 * @param words each must stand somewhere in the flow: address, port, host, cause, reason
 */
record FlowFilter(String verdict, String sourceClass, String host, List<String> words) {

  static FlowFilter of(Query query) {
    return new FlowFilter(
        query.text("verdict"),
        query.text("class"),
        query.text("host"),
        Arrays.stream(query.text("q").toLowerCase(Locale.ROOT).split("\\s+"))
            .filter(w -> !w.isEmpty())
            .toList());
  }

  boolean takes(FlowRow row) {
    FlowVerdict v = row.verdict();
    if (!is(verdict, v.verdict()) || !is(sourceClass, v.sourceClass()) || !is(host, v.host())) {
      return false;
    }
    if (words.isEmpty()) {
      return true;
    }
    String text = text(row).toLowerCase(Locale.ROOT);
    return words.stream().allMatch(text::contains);
  }

  private static boolean is(String wanted, @Nullable Object value) {
    return wanted.isEmpty() || wanted.equals(String.valueOf(value));
  }

  private static String text(FlowRow row) {
    var f = row.flow();
    return f.src()
        + ":"
        + f.srcPort()
        + " "
        + f.dst()
        + ":"
        + f.dstPort()
        + " "
        + row.service()
        + " "
        + row.verdict().host()
        + " "
        + row.verdict().direction()
        + " "
        + why(row.verdict())
        + " "
        + row.verdict().reason()
        + " "
        + f.flowId();
  }

  /** The reason in a few words. */
  static String why(FlowVerdict v) {
    return switch (v.verdict()) {
      case MATCH -> String.valueOf(v.mechanism()) + (v.rule() == null ? "" : ", " + v.rule());
      case CONDITIONAL -> String.join(" or ", v.conditions());
      case MISMATCH -> String.join(" or ", v.causes());
      case UNDECIDED -> String.valueOf(v.code());
      case null -> "";
    };
  }
}
