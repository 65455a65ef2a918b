package io.vipscope.tools;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code inside=X,outside=Y}: captures, or interfaces, before and behind NAT.
 *
 * @param inside where flows have their first source
 * @param outside where they have that which NAT gave them
 */
record NatPairOption(String inside, String outside) {

  /** For picocli. */
  static final class Converter implements ITypeConverter<NatPairOption> {

    @Override
    public NatPairOption convert(String text) {
      String inside = "";
      String outside = "";
      for (String part : text.split(",", -1)) {
        if (part.startsWith("inside=") && inside.isEmpty()) {
          inside = part.substring("inside=".length());
        } else if (part.startsWith("outside=") && outside.isEmpty()) {
          outside = part.substring("outside=".length());
        } else {
          inside = "";
          break;
        }
      }
      if (inside.isEmpty() || outside.isEmpty() || inside.equals(outside)) {
        throw new TypeConversionException(
            "'" + text + "': expected inside=IF|FILE,outside=IF|FILE, two different ones");
      }
      return new NatPairOption(inside, outside);
    }
  }
}
