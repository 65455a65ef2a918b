package io.vipscope.core.finding;

import static io.vipscope.core.FrameBuilder.ip;

import io.vipscope.core.finding.Finding.Status;
import io.vipscope.core.flow.AckSight;
import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.FlowState;
import io.vipscope.core.flow.Opener;
import io.vipscope.core.flow.VipFrame;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.ControlEvent;
import io.vipscope.core.ownership.HostDirectory;
import io.vipscope.core.ownership.OwnershipTimeline;
import io.vipscope.core.ownership.TwoHosts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A segment with lb1 (10.0.0.11, MAC 1) and lb2 (10.0.0.12, MAC 2), and what is found there. */
final class Scene {

  static final long SECOND = 1_000_000_000L;
  static final IpAddress VIP = ip("10.0.0.100");
  static final IpAddress VIP2 = ip("10.0.0.101");
  static final IpAddress CLIENT = ip("10.0.0.50");
  static final long VIRTUAL_MAC = 0x00005e000133L;
  static final long STRANGE_MAC = 0x525400000099L;

  private static final HostDirectory HOSTS = new TwoHosts(Set.of(VIP, VIP2));

  private final OwnershipTimeline timeline = new OwnershipTimeline(HOSTS, true);
  private final List<Finding> told = new ArrayList<>();
  private final Findings findings;
  private long frame;
  private long flows;

  Scene() {
    this(new Findings.Scope(true, true, true));
  }

  Scene(Findings.Scope scope) {
    findings = new Findings(HOSTS, List.of("lb1", "lb2"), timeline, scope, told::add);
  }

  static long ns(double seconds) {
    return Math.round(seconds * SECOND);
  }

  List<Finding> told() {
    return told;
  }

  /** What is open or was, as {@code kind severity status host}, by its last word. */
  List<String> found() {
    List<String> found = new ArrayList<>();
    for (Finding f : told) {
      found.removeIf(line -> line.endsWith(" " + f.id()));
      found.add(f.kind() + " " + f.severity() + " " + f.status() + " " + f.host() + " " + f.id());
    }
    return found.stream().map(line -> line.substring(0, line.lastIndexOf(' '))).toList();
  }

  List<FindingKind> opened() {
    return told.stream().filter(f -> f.status() == Status.OPEN).map(Finding::kind).toList();
  }

  Scene take(ControlEvent event) {
    findings.advance(event.tsNs());
    findings.changed(timeline.apply(event));
    findings.heard(event);
    return this;
  }

  Scene acknowledged(double seconds, IpAddress address, long ackedBytes, long unseenBytes) {
    findings.advance(ns(seconds));
    findings.acknowledged(
        new AckSight(
            -1, address, ackedBytes, unseenBytes, ns(seconds), unseenBytes > 0 ? 7 : 0, 3));
    return this;
  }

  Scene advert(double seconds, int host, int priority, IpAddress... vips) {
    return advert(seconds, host, ip("10.0.0.1" + host), host, priority, vips);
  }

  Scene advert(
      double seconds, long mac, IpAddress source, int unused, int priority, IpAddress... vips) {
    return take(
        new ControlEvent.Advert(
            ++frame,
            ns(seconds),
            -1,
            mac,
            source,
            2,
            51,
            priority,
            SECOND,
            vips.length == 0 ? List.of(VIP) : List.of(vips),
            true));
  }

  Scene claim(double seconds, long mac) {
    return claim(seconds, mac, -1);
  }

  Scene claim(double seconds, long mac, int vlan) {
    return take(new ControlEvent.Claim(++frame, ns(seconds), vlan, mac, VIP, mac, false));
  }

  /** A TCP connection to the VIP that begins in a VLAN. */
  Scene openedIn(int vlan, double seconds, long srcMac, long dstMac) {
    return opened(
        record(seconds, srcMac, CLIENT, VIP, dstMac, 6, Opener.SYN, null, vlan, 443, seconds),
        null);
  }

  Scene binding(double seconds, long mac, boolean reply) {
    return take(new ControlEvent.Binding(++frame, ns(seconds), -1, mac, VIP, mac, reply));
  }

  Scene opened(double seconds, long srcMac, IpAddress src, IpAddress dst, long dstMac) {
    return opened(record(seconds, srcMac, src, dst, dstMac, 6, Opener.SYN, null), null);
  }

  Scene opened(FlowRecord flow, @Nullable String host) {
    findings.advance(flow.startNs());
    findings.opened(flow, host);
    return this;
  }

  FlowRecord record(
      double seconds,
      long srcMac,
      IpAddress src,
      IpAddress dst,
      long dstMac,
      int protocol,
      Opener opener,
      @Nullable IpAddress asked) {
    return record(seconds, srcMac, src, dst, dstMac, protocol, opener, asked, -1, 53, seconds);
  }

  private FlowRecord record(
      double seconds,
      long srcMac,
      IpAddress src,
      IpAddress dst,
      long dstMac,
      int protocol,
      Opener opener,
      @Nullable IpAddress asked,
      int vlan,
      int port,
      double endSeconds) {
    return new FlowRecord(
        ++flows,
        0,
        vlan,
        -1,
        src,
        4000,
        dst,
        port,
        protocol,
        -1,
        ns(seconds),
        ns(endSeconds),
        3,
        0,
        40,
        0,
        srcMac,
        dstMac,
        true,
        64,
        0,
        FlowState.ESTABLISHED,
        EndReason.TIMEOUT,
        opener,
        false,
        false,
        asked);
  }

  Scene ended(FlowRecord flow, String host) {
    return ended(flow, host, flow.endNs() / 1e9);
  }

  /** Its record is written at a time. */
  Scene ended(FlowRecord flow, @Nullable String host, double seconds) {
    findings.advance(ns(seconds));
    findings.ended(flow, host, host != null);
    return this;
  }

  /** A flow of UDP to a port, from one time to another. */
  FlowRecord record(
      double seconds,
      long srcMac,
      IpAddress src,
      IpAddress dst,
      long dstMac,
      int port,
      double endSeconds) {
    return record(
        seconds, srcMac, src, dst, dstMac, 17, Opener.FIRST_FRAME, null, -1, port, endSeconds);
  }

  /** A frame from the VIP with payload, in a flow that began at a time. */
  Scene answer(double seconds, long mac, long flow, double beganSeconds, int seq) {
    return used(
        new VipFrame(
            ++frame,
            ns(seconds),
            -1,
            VIP,
            80,
            CLIENT,
            4000,
            6,
            false,
            mac,
            50,
            true,
            false,
            seq,
            flow,
            ns(beganSeconds)));
  }

  /** A frame to the VIP. */
  Scene request(double seconds, long dstMac) {
    return used(
        new VipFrame(
            ++frame,
            ns(seconds),
            -1,
            CLIENT,
            4000,
            VIP,
            80,
            6,
            true,
            50,
            dstMac,
            false,
            false,
            0,
            99,
            ns(seconds)));
  }

  Scene used(VipFrame f) {
    findings.advance(f.tsNs());
    findings.used(f);
    return this;
  }

  Scene at(double seconds) {
    findings.changed(timeline.advance(ns(seconds)));
    findings.advance(ns(seconds));
    return this;
  }

  Scene end() {
    findings.close();
    return this;
  }
}
