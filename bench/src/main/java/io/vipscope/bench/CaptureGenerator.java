package io.vipscope.bench;

import io.vipscope.core.flow.Protocols;
import io.vipscope.core.net.IpAddress;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Writes a capture of a pair's traffic, and the snapshots of its two hosts: as many flows as
 * wanted, all of them alive from the beginning to the end, each begun by a SYN if it is TCP. The
 * same arguments always give the same files. Six flows of ten go out from the hosts' primary
 * addresses, three come in to the VIP, one goes out from the VIP.
 */
public final class CaptureGenerator {

  private static final String USAGE =
      """
      bench/run capture -o FILE.pcap [--hosts DIR] [-n FRAMES] [-f FLOWS] [-s BYTES|imix]
        [--v6 PERCENT] [--vlan PERCENT] [--udp PERCENT] [--replies PERCENT] [--zipf EXPONENT]
        [--pps RATE] [--seed N]
      """;

  /** The sizes of simple IMIX and how often each comes: 7, 4, 1 of twelve. */
  private static final int[] IMIX = {64, 64, 64, 64, 64, 64, 64, 594, 594, 594, 594, 1518};

  private static final int MIN_FRAME = 60;
  private static final int MAX_FRAME = 9_000;
  private static final int VLAN = 100;
  private static final int TCP_HEADER = 20;
  private static final long SECOND_NS = 1_000_000_000L;
  private static final long START_NS = 1_767_225_600L * SECOND_NS; // 2026-01-01
  private static final int NANOSECOND_PCAP = 0xa1b23c4d;

  private static final long[] HOST_MACS = {0x525400000001L, 0x525400000002L};
  private static final long ROUTER_MAC = 0x5254000000feL;
  private static final IpAddress[] PRIMARY4 = {
    IpAddress.parse("10.10.0.1"), IpAddress.parse("10.10.0.2")
  };
  private static final IpAddress[] PRIMARY6 = {
    IpAddress.parse("2001:db8:10::1"), IpAddress.parse("2001:db8:10::2")
  };
  private static final IpAddress VIP4 = IpAddress.parse("10.10.0.100");
  private static final IpAddress VIP6 = IpAddress.parse("2001:db8:10::100");

  private Path file = Path.of("");
  private long frames = 10_000_000;
  private int flows = 100_000;
  private int bytes = 64;
  private boolean imix;
  private int v6;
  private int vlan;
  private int udp = 40;
  private int replies;
  private double zipf;
  private long pps = 1_000_000;
  private long seed = 1;

  private final byte[] bytesOfRecord = new byte[16 + MAX_FRAME];
  private final ByteBuffer record = ByteBuffer.wrap(bytesOfRecord);
  private double[] ranks = new double[0];
  private int begun;

  private CaptureGenerator() {}

  /** See {@link #USAGE}. */
  public static void main(String[] args) {
    CaptureGenerator generator = new CaptureGenerator();
    Path hosts = null;
    try {
      for (int i = 0; i < args.length; i += 2) {
        String value = args[i + 1];
        switch (args[i]) {
          case "-o" -> generator.file = Path.of(value);
          case "--hosts" -> hosts = Path.of(value);
          case "-n" -> generator.frames = Long.parseLong(value);
          case "-f" -> generator.flows = Integer.parseInt(value);
          case "-s" -> generator.size(value);
          case "--v6" -> generator.v6 = Integer.parseInt(value);
          case "--vlan" -> generator.vlan = Integer.parseInt(value);
          case "--udp" -> generator.udp = Integer.parseInt(value);
          case "--replies" -> generator.replies = Integer.parseInt(value);
          case "--zipf" -> generator.zipf = Double.parseDouble(value);
          case "--pps" -> generator.pps = Long.parseLong(value);
          case "--seed" -> generator.seed = Long.parseLong(value);
          default -> throw new IllegalArgumentException(args[i] + ": no such option");
        }
      }
      generator.check();
    } catch (IllegalArgumentException e) {
      refuse(e.getMessage() == null ? "" : e.getMessage());
    } catch (ArrayIndexOutOfBoundsException _) {
      refuse(args[args.length - 1] + ": expected a value after it");
    }
    try {
      if (hosts != null) {
        PairSnapshots.write(hosts, PRIMARY4, VIP4, PRIMARY6, VIP6, HOST_MACS);
      }
      generator.write();
    } catch (IOException e) {
      System.err.println("bench/run capture: cannot be written: " + e);
      System.exit(3);
    }
  }

  private static void refuse(String why) {
    System.err.println("bench/run capture: " + why);
    System.err.print(USAGE);
    System.exit(2);
  }

  private void size(String value) {
    imix = value.equals("imix");
    bytes = imix ? bytes : Integer.parseInt(value);
  }

  private void check() {
    expect(!file.toString().isEmpty(), "-o", "a file");
    expect(flows > 0 && flows <= 1 << 26, "-f", "1 to 67108864");
    expect(frames >= 1, "-n", "at least 1");
    expect(bytes >= MIN_FRAME && bytes <= MAX_FRAME, "-s", MIN_FRAME + " to " + MAX_FRAME);
    expect(pps > 0, "--pps", "at least 1");
    expect(isPercent(v6), "--v6", "0 to 100");
    expect(isPercent(vlan), "--vlan", "0 to 100");
    expect(isPercent(udp), "--udp", "0 to 100");
    expect(isPercent(replies), "--replies", "0 to 100");
    expect(zipf >= 0, "--zipf", "0 or more");
  }

  private static boolean isPercent(int value) {
    return value >= 0 && value <= 100;
  }

  private static void expect(boolean holds, String option, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(option + " expects " + expected);
    }
  }

  private void write() throws IOException {
    Random random = new Random(seed);
    ranks();
    record.order(ByteOrder.BIG_ENDIAN);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(NANOSECOND_PCAP).putShort((short) 2).putShort((short) 4).putLong(0);
      header.putInt(262_144).putInt(1);
      out.write(header.array());
      for (long n = 0; n < frames; n++) {
        int flow = next(n, random);
        boolean first = flow == begun - 1 && lastBegan;
        write(out, flow, first, n, random);
      }
    }
  }

  private boolean lastBegan;

  /** The flow of the n-th frame: all begin within the first half of the capture. */
  private int next(long n, Random random) {
    long wanted = Math.min(flows, 1 + n * 2 * flows / frames);
    lastBegan = begun < wanted;
    if (lastBegan) {
      return begun++;
    }
    if (zipf == 0) {
      return random.nextInt(begun);
    }
    double at = random.nextDouble() * ranks[begun - 1];
    int found = Arrays.binarySearch(ranks, 0, begun, at);
    return found < 0 ? ~found : found;
  }

  /** Sums of the weights 1/rank^exponent. */
  private void ranks() {
    ranks = new double[zipf == 0 ? 0 : flows];
    double sum = 0;
    for (int i = 0; i < ranks.length; i++) {
      sum += Math.pow(i + 1.0, -zipf);
      ranks[i] = sum;
    }
  }

  /** A number below 100 that belongs to the flow. */
  private static int percent(int flow, int salt) {
    long z = (flow * 0x9e3779b97f4a7c15L + salt) * 0xbf58476d1ce4e5b9L;
    return (int) ((z ^ z >>> 31) * 0x94d049bb133111ebL >>> 33) % 100;
  }

  private void write(OutputStream out, int flow, boolean first, long n, Random random)
      throws IOException {
    boolean isV6 = percent(flow, 1) < v6;
    boolean isUdp = percent(flow, 2) < udp;
    int kind = percent(flow, 3);
    int host = percent(flow, 4) % 2;
    boolean inbound = kind >= 60 && kind < 90;
    boolean vip = kind >= 60;
    host = vip ? 0 : host;
    IpAddress near = vip ? isV6 ? VIP6 : VIP4 : isV6 ? PRIMARY6[host] : PRIMARY4[host];
    IpAddress far =
        isV6 ? IpAddress.v6(0x20010db8_ffff0000L, flow) : IpAddress.v4(0x64000000 + (flow >>> 4));
    int clientPort = 32_768 + (flow & 0xf) * 1_000 + percent(flow, 5);
    Endpoint client =
        inbound
            ? new Endpoint(ROUTER_MAC, far, clientPort)
            : new Endpoint(HOST_MACS[host], near, clientPort);
    Endpoint server =
        inbound ? new Endpoint(HOST_MACS[host], near, 443) : new Endpoint(ROUTER_MAC, far, 443);
    boolean reply = !first && random.nextInt(100) < replies;
    frame(
        out,
        reply ? server : client,
        reply ? client : server,
        percent(flow, 6) < vlan,
        isUdp,
        first ? FrameBuffer.SYN : FrameBuffer.ACK,
        START_NS + (long) (n * ((double) SECOND_NS / pps)),
        imix ? IMIX[random.nextInt(IMIX.length)] : bytes);
  }

  private void frame(
      OutputStream out,
      Endpoint from,
      Endpoint to,
      boolean tagged,
      boolean isUdp,
      int flags,
      long atNs,
      int size)
      throws IOException {
    boolean isV6 = from.address().v6();
    int l4 = 14 + (tagged ? 4 : 0) + (isV6 ? 40 : 20);
    int length = Math.max(size, l4 + TCP_HEADER);
    ByteBuffer b = record.clear();
    b.order(ByteOrder.LITTLE_ENDIAN);
    b.putInt((int) (atNs / SECOND_NS)).putInt((int) (atNs % SECOND_NS));
    b.putInt(length).putInt(length);
    b.order(ByteOrder.BIG_ENDIAN);
    mac(b, to.mac());
    mac(b, from.mac());
    if (tagged) {
      b.putShort((short) 0x8100).putShort((short) VLAN);
    }
    b.putShort((short) (isV6 ? 0x86dd : 0x0800));
    byte protocol = (byte) (isUdp ? Protocols.UDP : Protocols.TCP);
    if (isV6) {
      b.putInt(0x60000000).putShort((short) (length - l4)).put(protocol).put((byte) 64);
    } else {
      b.putShort((short) 0x4500).putShort((short) (length - l4 + 20)).putInt(0x4000);
      b.put((byte) 64).put(protocol).putShort((short) 0);
    }
    b.put(from.address().toBytes()).put(to.address().toBytes());
    b.putShort((short) from.port()).putShort((short) to.port());
    if (isUdp) {
      b.putShort((short) (length - l4)).putShort((short) 0);
    } else {
      b.putInt(flags == FrameBuffer.SYN ? 1 : 2).putInt(0);
      b.put((byte) (TCP_HEADER / 4 << 4)).put((byte) flags).putShort((short) 8192).putInt(0);
    }
    Arrays.fill(bytesOfRecord, b.position(), 16 + length, (byte) 0);
    out.write(bytesOfRecord, 0, 16 + length);
  }

  private static void mac(ByteBuffer out, long mac) {
    out.putShort((short) (mac >>> 32)).putInt((int) mac);
  }
}
