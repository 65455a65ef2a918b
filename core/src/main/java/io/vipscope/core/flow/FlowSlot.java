package io.vipscope.core.flow;

import static io.vipscope.core.flow.FlowTable.ADDRESSES;
import static io.vipscope.core.flow.FlowTable.CLOCK;
import static io.vipscope.core.flow.FlowTable.FIRST;
import static io.vipscope.core.flow.FlowTable.FRAMES;
import static io.vipscope.core.flow.FlowTable.FROM_BYTES;
import static io.vipscope.core.flow.FlowTable.LAST_NS;
import static io.vipscope.core.flow.FlowTable.LINK;
import static io.vipscope.core.flow.FlowTable.PORTS;
import static io.vipscope.core.flow.FlowTable.REST;
import static io.vipscope.core.flow.FlowTable.START_NS;
import static io.vipscope.core.flow.FlowTable.TO_BYTES;
import static io.vipscope.core.flow.FlowTable.V6_ADDRESSES;

import io.vipscope.core.net.IpAddress;
import org.jspecify.annotations.Nullable;

/**
 * What stands in a slot of the {@link FlowTable}: a view that is pointed at one slot after the
 * other. One thread at a time uses an instance.
 */
final class FlowSlot {

  // Flags.
  static final int ISN_KNOWN = 1;

  /** The opener's further frames need no more than counting, if they are not special. */
  static final int STEADY_TO = 1 << 1;

  static final int ESTABLISHED = 1 << 2;
  static final int FIN_OPENER = 1 << 3;
  static final int FIN_PEER = 1 << 4;
  static final int RESET = 1 << 5;
  static final int FIRST_RESET = 1 << 6;
  static final int ORPHAN = 1 << 7;
  static final int OPENER_SEEN = 1 << 8;
  static final int PEER_SEEN = 1 << 9;

  /** One end is a VIP: {@link FlowSink#used}. */
  static final int VIP = 1 << 10;

  /** Frames of the present second were told, of the opener's direction and of the other. */
  static final int TOLD_TO = 1 << 11;

  static final int TOLD_FROM = 1 << 12;
  static final int TOLD_PAYLOAD_TO = 1 << 13;
  static final int TOLD_PAYLOAD_FROM = 1 << 14;
  static final int TOLD = TOLD_TO | TOLD_FROM | TOLD_PAYLOAD_TO | TOLD_PAYLOAD_FROM;

  /** As {@link #STEADY_TO}, of the other end. */
  static final int STEADY_FROM = 1 << 15;

  static final int ENDING = FIN_OPENER | FIN_PEER | RESET;

  static final long LOW_32 = 0xffff_ffffL;

  /** Frames of both directions from which on those words are full: {@link #carry}. */
  static final long FULL = 0x8000_0000_8000_0000L;

  private static final int FLAGS_SHIFT = 48;
  private static final long LOW_48 = 0xffff_ffff_ffffL;
  private static final int SOURCE_SHIFT = 48;
  private static final int SOURCE_MASK = 0xfff;
  private static final int OPENER_SHIFT = 60;

  /** The numbers of asked addresses have 16 bits; of later ones a record does not tell. */
  private static final int MAX_ASKED = 0xffff;

  private static final int PAIR_SHIFT = 44;
  private static final int REPORT_AT = 20;
  private static final long REPORT_MASK = 0xff_ffffL;
  private static final int HIGH_BITS = 10;
  private static final int HIGH_UNIT_SHIFT = 31;

  private static final Opener[] OPENERS = Opener.values();

  private long line;
  private long rest;

  /** Points it at a slot. */
  void at(FlowTable table, int slot) {
    line = table.line(slot);
    rest = table.rest(slot);
  }

  private long word(int word) {
    return FlowTable.get(line, word);
  }

  private void set(int word, long value) {
    FlowTable.set(line, word, value);
  }

  /** Address of the line: {@link FlowTable#get}. */
  long line() {
    return line;
  }

  /** Flags within the word that has them. */
  static int flags(long fromBytes) {
    return (int) (fromBytes >>> FLAGS_SHIFT);
  }

  /** VLAN code of the opener's direction, of the word that has it; 0 = not known yet. */
  static int forwardVlan(long link) {
    return (int) (link & 0xffff);
  }

  /** VLAN code of the other direction. */
  static int replyVlan(long link) {
    return (int) (link >>> 16 & 0xffff);
  }

  // The key.

  void setKey(long addresses, long ports) {
    set(ADDRESSES, addresses);
    set(PORTS, ports);
  }

  void setV6(long srcLo, long dstHi, long dstLo) {
    set(V6_ADDRESSES, srcLo);
    set(V6_ADDRESSES + 1, dstHi);
    set(V6_ADDRESSES + 2, dstLo);
  }

  long ports() {
    return word(PORTS);
  }

  int protocol() {
    return FlowKeys.ipProtocol(FlowTable.keyProtocol(ports()));
  }

  int srcPort() {
    return (int) (ports() >>> 48);
  }

  int dstPort() {
    return (int) (ports() >>> 32 & 0xffff);
  }

  IpAddress source() {
    return FlowTable.isV6(ports())
        ? new IpAddress(true, word(ADDRESSES), word(V6_ADDRESSES))
        : new IpAddress(false, 0, word(ADDRESSES) >>> 32);
  }

  IpAddress destination() {
    return FlowTable.isV6(ports())
        ? new IpAddress(true, word(V6_ADDRESSES + 1), word(V6_ADDRESSES + 2))
        : new IpAddress(false, 0, word(ADDRESSES) & LOW_32);
  }

  // How it began.

  void begin(long frame, long timeNs, int innerVlan, int source, Opener opener) {
    set(
        LINK,
        (long) innerVlan << 32
            | (long) (source & SOURCE_MASK) << SOURCE_SHIFT
            | (long) opener.ordinal() << OPENER_SHIFT);
    set(LAST_NS, timeNs);
    FlowTable.set(rest, START_NS, timeNs);
    FlowTable.set(rest, FIRST, frame & LOW_48);
  }

  /** The number of the address that the opener had asked. */
  void setAsked(int number) {
    if (number < MAX_ASKED) {
      FlowTable.set(rest, FIRST, FlowTable.get(rest, FIRST) | (long) (number + 1) << 48);
    }
  }

  /** That of {@link #setAsked}; negative: none. */
  private int asked() {
    return (int) (FlowTable.get(rest, FIRST) >>> 48) - 1;
  }

  Opener opener() {
    return OPENERS[(int) (word(LINK) >>> OPENER_SHIFT)];
  }

  long flowId() {
    return FlowTable.get(rest, FIRST) & LOW_48;
  }

  long startNs() {
    return FlowTable.get(rest, START_NS);
  }

  /** What only the opener's own frames tell. */
  void setFirstOfOpener(int vlanCode, int ttl, int tos) {
    set(LINK, word(LINK) | vlanCode);
    set(TO_BYTES, word(TO_BYTES) | (long) ttl << 48 | (long) tos << 56);
  }

  int pair() {
    return (int) (FlowTable.get(rest, REST) >>> PAIR_SHIFT);
  }

  void setPair(int pair) {
    long word = FlowTable.get(rest, REST);
    FlowTable.set(rest, REST, word & (1L << PAIR_SHIFT) - 1 | (long) pair << PAIR_SHIFT);
  }

  // Flags.

  int flags() {
    return flags(word(FROM_BYTES));
  }

  boolean is(int flag) {
    return (flags() & flag) != 0;
  }

  boolean isAll(int flags) {
    return (flags() & flags) == flags;
  }

  void setFlags(int flags) {
    set(FROM_BYTES, word(FROM_BYTES) | (long) flags << FLAGS_SHIFT);
  }

  void clearFlags(int flags) {
    set(FROM_BYTES, word(FROM_BYTES) & ~((long) flags << FLAGS_SHIFT));
  }

  boolean isClosed() {
    return is(RESET) || isAll(FIN_OPENER | FIN_PEER);
  }

  // Frames and times.

  /** Adds a frame, of the opener or of the other end. */
  void count(boolean forward, long timeNs, int ipBytes) {
    set(LAST_NS, Math.max(word(LAST_NS), timeNs));
    int bytes = forward ? TO_BYTES : FROM_BYTES;
    set(bytes, word(bytes) + ipBytes);
    long frames = word(FRAMES) + (forward ? 1L << 32 : 1);
    set(FRAMES, (frames & FULL) == 0 ? frames : carry(frames));
  }

  /** Moves 2^31 frames to the word that has those. */
  private long carry(long frames) {
    boolean to = frames < 0;
    FlowTable.set(rest, REST, FlowTable.get(rest, REST) + (to ? 1L << HIGH_BITS : 1));
    return frames & ~(to ? 1L << 63 : 1L << 31);
  }

  private long framesTo() {
    long high = FlowTable.get(rest, REST) >>> HIGH_BITS & (1 << HIGH_BITS) - 1;
    return (high << HIGH_UNIT_SHIFT) + (word(FRAMES) >>> 32);
  }

  private long framesFrom() {
    long high = FlowTable.get(rest, REST) & (1 << HIGH_BITS) - 1;
    return (high << HIGH_UNIT_SHIFT) + (word(FRAMES) & LOW_32);
  }

  void setReplyVlan(int vlanCode) {
    if (replyVlan(word(LINK)) == 0) {
      set(LINK, word(LINK) | (long) vlanCode << 16);
    }
  }

  /** Capture clock at the last frame, in ticks, modulo 2^32. */
  int lastTick() {
    return (int) (word(CLOCK) >>> 32);
  }

  /** The lower half of that word: initial sequence number, or tick of the opener's last frame. */
  int below() {
    return (int) word(CLOCK);
  }

  void setClock(int lastTick, int below) {
    set(CLOCK, (long) lastTick << 32 | below & LOW_32);
  }

  /** When an interim record was written last, in units of {@link IdleTimes#report}. */
  int reported() {
    return reported(rest);
  }

  static int reported(long rest) {
    return (int) (FlowTable.get(rest, REST) >>> REPORT_AT & REPORT_MASK);
  }

  void setReported(int at) {
    long word = FlowTable.get(rest, REST) & ~(REPORT_MASK << REPORT_AT);
    FlowTable.set(rest, REST, word | (at & REPORT_MASK) << REPORT_AT);
  }

  /** The flow as a record. */
  FlowRecord record(EndReason reason, MacPairs macs, LocalAddresses local) {
    int keyProtocol = FlowTable.keyProtocol(ports());
    boolean icmp = Protocols.isIcmp(protocol());
    boolean openerSeen = is(OPENER_SEEN);
    long link = word(LINK);
    int forward = forwardVlan(link) != 0 ? forwardVlan(link) : replyVlan(link);
    long toBytes = word(TO_BYTES);
    return new FlowRecord(
        flowId(),
        (int) (link >>> SOURCE_SHIFT) & SOURCE_MASK,
        forward - 2,
        (int) (link >>> 32 & 0xffff) - 2,
        source(),
        icmp ? 0 : srcPort(),
        destination(),
        icmp ? 0 : dstPort(),
        keyProtocol,
        FlowKeys.isEcho(keyProtocol) ? srcPort() : -1,
        startNs(),
        word(LAST_NS),
        framesTo(),
        framesFrom(),
        toBytes & LOW_48,
        word(FROM_BYTES) & LOW_48,
        macs.src(pair()),
        macs.dst(pair()),
        openerSeen,
        openerSeen ? (int) (toBytes >>> 48) & 0xff : -1,
        (int) (toBytes >>> 56),
        state(),
        reason,
        opener(),
        is(FIRST_RESET),
        is(ORPHAN),
        asked(local));
  }

  private @Nullable IpAddress asked(LocalAddresses local) {
    return asked() < 0 ? null : local.address(asked());
  }

  private FlowState state() {
    if (protocol() == Protocols.TCP && isClosed()) {
      return FlowState.CLOSED;
    }
    return is(ESTABLISHED) ? FlowState.ESTABLISHED : FlowState.NEW;
  }
}
