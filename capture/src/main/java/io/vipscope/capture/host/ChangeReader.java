package io.vipscope.capture.host;

import io.vipscope.core.model.change.Change;

/** Reads a change of a host's configuration as the command that an administrator would type. */
public final class ChangeReader {

  private ChangeReader() {}

  /**
   * Reads one command of {@code ip addr}, {@code ip route}, {@code ip rule}, {@code nft}, {@code
   * iptables} or {@code ip6tables}; a {@code sudo} before it is passed over.
   *
   * @throws IllegalArgumentException with one sentence, if it is no such command or cannot be read
   */
  public static Change read(String command) {
    CommandWords words = new CommandWords(command);
    words.take("sudo");
    String program = words.next("ip, nft or iptables");
    return switch (program) {
      case "ip" -> ip(words);
      case "nft" -> NftCommand.read(words.rest());
      case "iptables", "iptables-nft", "iptables-legacy" ->
          IptablesCommand.read(words.rest(), false);
      case "ip6tables", "ip6tables-nft", "ip6tables-legacy" ->
          IptablesCommand.read(words.rest(), true);
      default ->
          throw new IllegalArgumentException(
              "expected a command of ip, nft, iptables or ip6tables, found \"" + program + "\"");
    };
  }

  private static Change ip(CommandWords words) {
    boolean v6 = false;
    boolean v4 = false;
    while (words.peek().startsWith("-")) {
      String option = words.next("an option");
      switch (option) {
        case "-6" -> v6 = true;
        case "-4" -> v4 = true;
        default -> throw CommandWords.unknown(option, "ip");
      }
    }
    String object = words.next("addr, route or rule");
    return switch (object) {
      case "a", "ad", "addr", "address" -> IpAddressCommand.read(words);
      case "r", "ro", "route" -> IpRouteCommand.read(words, v6 || !v4 && words.mentionsIpv6());
      case "ru", "rule" -> IpRuleCommand.read(words, v6 || !v4 && words.mentionsIpv6());
      default ->
          throw new IllegalArgumentException(
              "changes of addr, route and rule are understood, not ip " + object);
    };
  }
}
