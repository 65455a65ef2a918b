package io.vipscope.tools;

import io.vipscope.core.flow.FlowRecord;
import io.vipscope.core.flow.Protocols;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Community ID flow hashing, version 1, seed 0. */
final class CommunityId {

  /** An echo has the types of request and answer for ports. */
  private static final int[] ICMP_ECHO = {8, 0};

  private static final int[] ICMPV6_ECHO = {128, 129};

  private static final ThreadLocal<MessageDigest> SHA1 =
      ThreadLocal.withInitial(() -> {
        try {
          return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
          throw new AssertionError("every Java platform has SHA-1", e);
        }
      });

  private CommunityId() {}

  /** The id of a flow; null for ICMP messages whose code a record does not keep. */
  static @Nullable String of(FlowRecord flow) {
    int protocol = flow.protocol();
    int srcPort = flow.srcPort();
    int dstPort = flow.dstPort();
    if (Protocols.isIcmp(protocol)) {
      if (flow.icmpMessage()) {
        return null;
      }
      int[] echo = protocol == Protocols.ICMP ? ICMP_ECHO : ICMPV6_ECHO;
      srcPort = echo[0];
      dstPort = echo[1];
    }
    byte[] src = flow.src().toBytes();
    byte[] dst = flow.dst().toBytes();
    int order = Arrays.compareUnsigned(src, dst);
    boolean swap = order > 0 || order == 0 && srcPort > dstPort;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(40);
    bytes.write(0);
    bytes.write(0);
    bytes.writeBytes(swap ? dst : src);
    bytes.writeBytes(swap ? src : dst);
    bytes.write(protocol);
    bytes.write(0);
    if (protocol == Protocols.TCP
        || protocol == Protocols.UDP
        || protocol == Protocols.SCTP
        || Protocols.isIcmp(protocol)) {
      int first = swap ? dstPort : srcPort;
      int second = swap ? srcPort : dstPort;
      bytes.write(first >>> 8);
      bytes.write(first);
      bytes.write(second >>> 8);
      bytes.write(second);
    }
    byte[] digest = SHA1.get().digest(bytes.toByteArray());
    return "1:" + Base64.getEncoder().encodeToString(digest);
  }
}
