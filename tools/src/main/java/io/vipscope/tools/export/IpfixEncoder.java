package io.vipscope.tools.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vipscope.core.flow.EndReason;
import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.verdict.FlowVerdict;
import io.vipscope.core.verdict.Verdict;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Flow records as IPFIX (RFC 7011): bidirectional flows (RFC 5103), three templates: IPv4, IPv4
 * with NAT, IPv6.
 *
 * <p>Enterprise elements, under the number that the user gives: 1 verdict (unsigned8: 0 none, 1
 * match, 2 conditional, 3 mismatch, 4 undecided), 2 source class (unsigned8: 0 none, 1 primary, 2
 * vip, 3 foreign), 3 accepted (boolean: 1 true, 2 false), 4 expected source (IPv4 or IPv6 address,
 * 0 if there is none), 5 epoch of the VIP's owner (unsigned32), 6 host (string).
 */
final class IpfixEncoder {

  /** What a template is for; its fields are in the order of {@link #record}. */
  private enum Template {
    V4(256),
    V4_NAT(257),
    V6(258);

    final int id;

    Template(int id) {
      this.id = id;
    }
  }

  /**
   * A field: number in IANA's registry or of an enterprise, bytes.
   *
   * @param length 65535 = variable
   * @param enterprise 0 = IANA's
   */
  private record Field(int element, int length, long enterprise) {
    Field(int element, int length) {
      this(element, length, 0);
    }
  }

  static final int MAX_MESSAGE = 1_400;
  private static final int HEADER = 16;
  private static final int SET_HEADER = 4;
  private static final int VERSION = 10;
  private static final int TEMPLATE_SET = 2;
  private static final int ENTERPRISE_BIT = 0x8000;
  private static final int VARIABLE = 65_535;
  private static final int MAX_HOST = 254;

  /** RFC 5103 section 6.1: elements of the reverse direction. */
  private static final long REVERSE = 29_305;

  private final long pen;
  private final int domain;
  private final ByteBuffer message = ByteBuffer.allocate(MAX_MESSAGE);
  private int setStart = -1;
  private @Nullable Template current;
  private int records;
  private long sequence;

  /**
   * @param pen private enterprise number of the elements that are vipscope's own
   * @param domain observation domain
   */
  IpfixEncoder(long pen, int domain) {
    this.pen = pen;
    this.domain = domain;
    clear();
  }

  private void clear() {
    message.clear().position(HEADER);
    setStart = -1;
    current = null;
    records = 0;
  }

  /** Data records in the message so far. */
  int records() {
    return records;
  }

  /** A message with all templates; what was added waits for {@link #take}. */
  byte[] templates(long exportSeconds) {
    ByteBuffer out = ByteBuffer.allocate(MAX_MESSAGE).position(HEADER);
    out.putShort((short) TEMPLATE_SET).putShort((short) 0);
    for (Template template : Template.values()) {
      List<Field> fields = fields(template);
      out.putShort((short) template.id).putShort((short) fields.size());
      for (Field field : fields) {
        boolean own = field.enterprise() != 0;
        out.putShort((short) (field.element() | (own ? ENTERPRISE_BIT : 0)));
        out.putShort((short) field.length());
        if (own) {
          out.putInt((int) field.enterprise());
        }
      }
    }
    out.putShort(HEADER + 2, (short) (out.position() - HEADER));
    return finished(out, exportSeconds);
  }

  private List<Field> fields(Template template) {
    int address = template == Template.V6 ? 16 : 4;
    boolean v6 = template == Template.V6;
    java.util.ArrayList<Field> fields =
        new java.util.ArrayList<>(
            List.of(
                new Field(152, 8), // flowStartMilliseconds
                new Field(153, 8), // flowEndMilliseconds
                new Field(v6 ? 27 : 8, address), // sourceIPv6Address, sourceIPv4Address
                new Field(v6 ? 28 : 12, address), // destinationIPv6Address, destinationIPv4Address
                new Field(7, 2), // sourceTransportPort
                new Field(11, 2), // destinationTransportPort
                new Field(4, 1), // protocolIdentifier
                new Field(60, 1), // ipVersion
                new Field(58, 2), // vlanId
                new Field(1, 8), // octetDeltaCount
                new Field(2, 8), // packetDeltaCount
                new Field(1, 8, REVERSE),
                new Field(2, 8, REVERSE),
                new Field(136, 1), // flowEndReason
                new Field(148, 8))); // flowId
    if (template == Template.V4_NAT) {
      fields.add(new Field(225, 4)); // postNATSourceIPv4Address
      fields.add(new Field(230, 1)); // natEvent
    }
    fields.addAll(
        List.of(
            new Field(1, 1, pen),
            new Field(2, 1, pen),
            new Field(3, 1, pen),
            new Field(4, address, pen),
            new Field(5, 4, pen),
            new Field(6, VARIABLE, pen)));
    return fields;
  }

  /**
   * Adds a flow.
   *
   * @param segmentVlan VLAN id or -1
   * @return false if the message has no room: {@link #take} it first
   */
  boolean add(FlowRecord f, FlowVerdict v, boolean accepted, int segmentVlan) {
    Template template = f.src().v6() ? Template.V6 : translated(v) ? Template.V4_NAT : Template.V4;
    byte[] host = v.host() == null ? new byte[0] : v.host().getBytes(UTF_8);
    byte[] name = Arrays.copyOf(host, Math.min(host.length, MAX_HOST));
    int length = length(template) + 1 + name.length;
    int head = template == current ? 0 : SET_HEADER;
    if (message.remaining() < head + length) {
      return false;
    }
    if (template != current) {
      endSet();
      setStart = message.position();
      current = template;
      message.putShort((short) template.id).putShort((short) 0);
    }
    record(template, f, v, accepted, segmentVlan);
    message.put((byte) name.length).put(name);
    records++;
    return true;
  }

  private int length(Template template) {
    return fields(template).stream()
        .mapToInt(Field::length)
        .filter(length -> length != VARIABLE)
        .sum();
  }

  /** The source is what a NAT rule of the host gave: known where prediction and wire agree. */
  private static boolean translated(FlowVerdict v) {
    return v.verdict() == Verdict.MATCH
        && ("snat".equals(v.mechanism()) || "masquerade".equals(v.mechanism()));
  }

  private void record(
      Template template, FlowRecord f, FlowVerdict v, boolean accepted, int segmentVlan) {
    message.putLong(Math.floorDiv(f.startNs(), 1_000_000L));
    message.putLong(Math.floorDiv(f.endNs(), 1_000_000L));
    message.put(f.src().toBytes()).put(f.dst().toBytes());
    message.putShort((short) f.srcPort()).putShort((short) f.dstPort());
    message.put((byte) f.protocol()).put((byte) f.src().family());
    message.putShort((short) Math.max(0, segmentVlan));
    message.putLong(f.bytesToServer()).putLong(f.pktsToServer());
    message.putLong(f.bytesToClient()).putLong(f.pktsToClient());
    message.put((byte) endReason(f.reason())).putLong(f.flowId());
    if (template == Template.V4_NAT) {
      message.put(f.src().toBytes()).put((byte) 1); // NAT44 session create (RFC 8158)
    }
    message.put((byte) (v.verdict() == null ? 0 : v.verdict().ordinal() + 1));
    message.put((byte) (v.sourceClass() == null ? 0 : v.sourceClass().ordinal() + 1));
    message.put((byte) (accepted ? 1 : 2));
    message.put(expected(f, v).toBytes()).putInt(v.epoch());
  }

  private static IpAddress expected(FlowRecord f, FlowVerdict v) {
    for (IpAddress address : v.predicted()) {
      if (address.v6() == f.src().v6()) {
        return address;
      }
    }
    return f.src().v6() ? IpAddress.ANY6 : IpAddress.ANY4;
  }

  /** IANA's flowEndReason: 1 idle, 3 end of flow, 4 forced end, 5 lack of resources. */
  private static int endReason(EndReason reason) {
    return switch (reason) {
      case TIMEOUT -> 1;
      case ACTIVE -> 2;
      case FIN, RST -> 3;
      case SHUTDOWN -> 4;
      case EVICTED -> 5;
    };
  }

  private void endSet() {
    if (setStart >= 0) {
      message.putShort(setStart + 2, (short) (message.position() - setStart));
      setStart = -1;
    }
  }

  /** The message so far; the next one is empty. */
  byte[] take(long exportSeconds) {
    endSet();
    byte[] bytes = finished(message, exportSeconds);
    sequence += records;
    clear();
    return bytes;
  }

  /** With its header: the sequence counts the data records before this message. */
  private byte[] finished(ByteBuffer out, long exportSeconds) {
    out.putShort(0, (short) VERSION).putShort(2, (short) out.position());
    out.putInt(4, (int) exportSeconds).putInt(8, (int) sequence).putInt(12, domain);
    byte[] bytes = new byte[out.position()];
    out.get(0, bytes);
    return bytes;
  }
}
