package io.vipscope.tools.export;

import io.vipscope.core.failover.Failover;
import io.vipscope.core.finding.Finding;
import io.vipscope.core.finding.RuleCoverage;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.frame.FrameHeader;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.net.MacAddress;
import io.vipscope.core.ownership.Ownership;
import io.vipscope.core.verdict.FlowVerdict;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Results in which every address is a pseudonym, in sentences and commands too. Networks stay
 * networks: prefixes are preserved. Names of hosts, interfaces and instances, ports, VLAN ids and
 * times stay as they are; so do loopback, multicast and unspecified addresses and the MACs of
 * virtual routers, which say nothing about a site.
 */
public final class Anonymizer {

  private static final String MAC = "(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}(?![0-9a-zA-Z:])";
  private static final String V4 = "\\d{1,3}(?:\\.\\d{1,3}){3}(?![0-9a-zA-Z]|\\.\\d)";
  private static final String V6 =
      "(?:[0-9a-fA-F]{0,4}:){2,7}(?:"
          + V4
          + "|[0-9a-fA-F]{1,4}|(?<=::))(?![0-9a-zA-Z]|:[0-9a-fA-F:]|\\.\\d)";

  /** What may be an address, with the length of a prefix. */
  private static final Pattern ADDRESS =
      Pattern.compile(
          "(?<![0-9a-zA-Z:.])(?:("
              + MAC
              + ")|("
              + V6
              + ")(/\\d{1,3})?)|(?<![0-9.])("
              + V4
              + ")(/\\d{1,3})?");

  private static final long LOCAL_BIT = 0x0200_0000_0000L;
  private static final long GROUP_BIT = 0x0100_0000_0000L;

  private final CryptoPan names;

  /**
   * @param key 32 bytes; the same key gives the same pseudonyms
   */
  public Anonymizer(byte[] key) {
    names = new CryptoPan(key);
  }

  /** The pseudonym of an address. */
  public IpAddress of(IpAddress address) {
    synchronized (names) {
      return telling(address) ? names.of(address) : address;
    }
  }

  private static boolean telling(IpAddress a) {
    boolean multicast = a.v6() ? a.hi() >>> 56 == 0xff : a.lo() >>> 28 == 0xe;
    boolean broadcast = !a.v6() && a.lo() == 0xffff_ffffL;
    return !a.isAny() && !a.isLoopback() && !multicast && !broadcast;
  }

  private @Nullable IpAddress orNull(@Nullable IpAddress address) {
    return address == null ? null : of(address);
  }

  private List<IpAddress> all(List<IpAddress> addresses) {
    return addresses.stream().map(this::of).toList();
  }

  private List<String> texts(List<String> texts) {
    return texts.stream().map(this::text).toList();
  }

  private @Nullable String textOrNull(@Nullable String text) {
    return text == null ? null : text(text);
  }

  /** The pseudonym of a MAC. */
  long mac(long mac) {
    if (mac < 0 || mac == FrameHeader.NO_MAC || MacAddress.isVirtualRouter(mac)) {
      return mac;
    }
    synchronized (names) {
      return names.of(mac) & ~GROUP_BIT | LOCAL_BIT;
    }
  }

  /** A text whose addresses are pseudonyms. */
  public String text(String text) {
    return ADDRESS.matcher(text).replaceAll(this::pseudonym);
  }

  private String pseudonym(MatchResult match) {
    if (match.group(1) != null) {
      return new MacAddress(mac(MacAddress.parse(match.group(1)).bits())).toString();
    }
    int group = match.group(2) != null ? 2 : 4;
    if (!IpAddress.isAddress(match.group(group))) {
      return match.group(); // a time, or something else with colons
    }
    IpAddress original = IpAddress.parse(match.group(group));
    IpAddress made = of(original);
    String suffix = match.group(group + 1);
    if (suffix == null) {
      return made.toString();
    }
    int length = Math.min(Integer.parseInt(suffix.substring(1)), original.v6() ? 128 : 32);
    boolean network = masked(original, length).equals(original);
    return (network ? masked(made, length) : made) + suffix;
  }

  private static IpAddress masked(IpAddress a, int length) {
    if (!a.v6()) {
      return new IpAddress(
          false, 0, length == 0 ? 0 : a.lo() & (-1L << 32 - length) & 0xffff_ffffL);
    }
    long hi = length >= 64 ? a.hi() : length == 0 ? 0 : a.hi() & -1L << 64 - length;
    long lo = length <= 64 ? 0 : length == 128 ? a.lo() : a.lo() & -1L << 128 - length;
    return new IpAddress(true, hi, lo);
  }

  /** The same flow. */
  public FlowRecord of(FlowRecord f) {
    return new FlowRecord(
        f.flowId(),
        f.source(),
        f.vlan(),
        f.innerVlan(),
        of(f.src()),
        f.srcPort(),
        of(f.dst()),
        f.dstPort(),
        f.keyProtocol(),
        f.icmpId(),
        f.startNs(),
        f.endNs(),
        f.pktsToServer(),
        f.pktsToClient(),
        f.bytesToServer(),
        f.bytesToClient(),
        mac(f.srcMac()),
        mac(f.dstMac()),
        f.openerSeen(),
        f.ttl(),
        f.tos(),
        f.state(),
        f.reason(),
        f.opener(),
        f.firstFrameReset(),
        f.orphanFragment(),
        orNull(f.asked()));
  }

  /** The same verdict. */
  public FlowVerdict of(FlowVerdict v) {
    return new FlowVerdict(
        v.host(),
        v.pair(),
        v.direction(),
        v.origin(),
        v.sourceClass(),
        v.sourceFlags(),
        v.sourceDev(),
        all(v.predicted()),
        v.predictedClass(),
        v.verdict(),
        v.severity(),
        v.mechanism(),
        v.causes(),
        texts(v.conditions()),
        v.code(),
        textOrNull(v.rule()),
        texts(v.trace()),
        orNull(v.vip()),
        v.owner(),
        v.epoch(),
        v.stateTimeNs(),
        text(v.reason()),
        v.pathDev(),
        orNull(v.pathGateway()),
        v.path());
  }

  /** The same ownership. */
  public Ownership of(Ownership o) {
    return new Ownership(
        o.segment(),
        of(o.vip()),
        o.host(),
        mac(o.mac()),
        o.vrid(),
        o.priority(),
        o.sinceNs(),
        o.frame(),
        o.evidence(),
        o.epoch(),
        o.holders(),
        o.atNs());
  }

  /** The same failover. */
  public Failover of(Failover f) {
    return new Failover(
        f.instance(),
        f.segment(),
        f.vrid(),
        all(f.vips()),
        f.from(),
        f.to(),
        mac(f.fromMac()),
        mac(f.toMac()),
        f.trigger(),
        f.atNs(),
        f.lastAdvertOldNs(),
        f.firstAdvertNewNs(),
        f.firstGarpNs(),
        f.firstTrafficNewNs(),
        f.darkNs(),
        f.darkAtMost(),
        f.overlapNs(),
        f.flows(),
        f.sourceChanges(),
        f.group(),
        f.together());
  }

  /** The same use of a rule. */
  public RuleCoverage of(RuleCoverage c) {
    return new RuleCoverage(
        c.host(),
        c.kind(),
        text(c.text()),
        text(c.id()),
        c.flows(),
        c.bytes(),
        c.lastNs(),
        c.sinceNs(),
        c.observable(),
        c.own(),
        c.current(),
        c.atNs());
  }

  /** The same finding. */
  public Finding of(Finding f) {
    return new Finding(
        text(f.id()),
        f.kind(),
        f.severity(),
        f.status(),
        f.host(),
        f.segment(),
        orNull(f.vip()),
        f.atNs(),
        f.startNs(),
        f.endNs(),
        f.count(),
        f.flows(),
        f.frames(),
        text(f.text()),
        texts(f.next()));
  }
}
