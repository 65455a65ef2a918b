package io.vipscope.tools;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A capture as they are at a busy mirror port, for {@link TrainingRun}: the master of the demo's
 * pair opens a flow now and then, and most frames go on with one.
 */
final class TrainingCapture {

  /** Flows at a time. */
  private static final int WIDTH = 2_000;

  /** How often all of them are replaced. */
  private static final int ROUNDS = 10;

  /** Frames of a flow in each direction. */
  private static final int DEPTH = 25;

  private static final int NANOSECOND_PCAP = 0xa1b23c4d;
  private static final int FRAME = 60;
  private static final long GAP_NS = 20_000;
  private static final long LB1 = 0x525400000001L;
  private static final long ROUTER = 0x5254000000feL;
  private static final int PRIMARY = 0xc0a80001; // 192.168.0.1
  private static final int VIP = 0xc0a80009; // 192.168.0.9
  private static final int PEERS = 0xc6120000; // 198.18.0.0
  private static final int SYN = 0x02;
  private static final int ACK = 0x10;

  private final ByteBuffer record = ByteBuffer.allocate(16 + FRAME);
  private final OutputStream out;
  private long atNs;

  private TrainingCapture(OutputStream out, long startNs) {
    this.out = out;
    atNs = startNs;
  }

  /**
   * Writes the capture.
   *
   * @param startNs time of its first frame
   */
  static void write(Path file, long startNs) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      ByteBuffer header = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
      header.putInt(NANOSECOND_PCAP).putShort((short) 2).putShort((short) 4);
      header.putLong(0).putInt(1 << 16).putInt(1); // LINKTYPE_ETHERNET
      out.write(header.array());
      TrainingCapture capture = new TrainingCapture(out, startNs);
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 2 * DEPTH; i++) {
          for (int n = 0; n < WIDTH; n++) {
            capture.frame(round * WIDTH + n, i);
          }
        }
      }
    }
  }

  /** The i-th frame of a flow: one way and the other by turns. */
  private void frame(int flow, int i) throws IOException {
    boolean forth = i % 2 == 0;
    boolean tcp = flow % 4 != 0;
    int own = flow % 10 == 7 ? VIP : PRIMARY;
    int peer = PEERS + flow % 5_000;
    int ownPort = 10_000 + flow % 50_000;
    int peerPort = tcp ? 443 : 53;
    record.clear().order(ByteOrder.LITTLE_ENDIAN);
    record.putInt((int) (atNs / 1_000_000_000)).putInt((int) (atNs % 1_000_000_000));
    record.putInt(FRAME).putInt(FRAME).order(ByteOrder.BIG_ENDIAN);
    mac(forth ? ROUTER : LB1);
    mac(forth ? LB1 : ROUTER);
    record.putShort((short) 0x0800).putShort((short) 0x4500).putShort((short) (FRAME - 14));
    record.putInt(0x4000).put((byte) 64).put((byte) (tcp ? 6 : 17)).putShort((short) 0);
    record.putInt(forth ? own : peer).putInt(forth ? peer : own);
    record.putShort((short) (forth ? ownPort : peerPort));
    record.putShort((short) (forth ? peerPort : ownPort));
    if (tcp) {
      int flags = i == 0 ? SYN : i == 1 ? SYN | ACK : ACK;
      record.putInt(1_000 + i).putInt(i == 0 ? 0 : 1_000);
      record.putShort((short) (0x5000 | flags)).putShort((short) 1_024);
    } else {
      record.putShort((short) (FRAME - 34)).putShort((short) 0);
    }
    out.write(record.array());
    atNs += GAP_NS;
  }

  private void mac(long address) {
    record.putShort((short) (address >>> 32)).putInt((int) address);
  }
}
