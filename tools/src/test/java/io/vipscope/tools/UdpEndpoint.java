package io.vipscope.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Sends or receives datagrams inside a network namespace; a program of its own. */
final class UdpEndpoint {

  private UdpEndpoint() {}

  /**
   * Runs until standard input ends.
   *
   * @param args {@code send}, or {@code receive} and the ports
   */
  public static void main(String[] args) throws IOException {
    if (args[0].equals("send")) {
      send();
    } else {
      receive(List.of(args).subList(1, args.length));
    }
  }

  /** Lines {@code id from|- sport dst dport}; answers {@code id ok} or {@code id error}. */
  private static void send() throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      List<String> w = List.of(line.split(" ", -1));
      InetSocketAddress local =
          w.get(1).equals("-")
              ? new InetSocketAddress(Integer.parseInt(w.get(2)))
              : new InetSocketAddress(InetAddress.getByName(w.get(1)), Integer.parseInt(w.get(2)));
      String result = "ok";
      try (DatagramSocket socket = new DatagramSocket(local)) {
        byte[] payload = w.get(0).getBytes(UTF_8);
        socket.send(
            new DatagramPacket(
                payload,
                payload.length,
                InetAddress.getByName(w.get(3)),
                Integer.parseInt(w.get(4))));
      } catch (IOException e) {
        result = "error " + e.getMessage();
      }
      System.out.println(w.get(0) + " " + result);
    }
  }

  /** Prints {@code id source} for each datagram. */
  private static void receive(List<String> ports) throws IOException {
    List<Thread> threads = new ArrayList<>();
    for (String port : ports) {
      DatagramSocket socket = new DatagramSocket(Integer.parseInt(port));
      threads.add(Thread.ofPlatform().daemon().start(() -> print(socket)));
    }
    System.out.println("ready " + threads.size());
    while (System.in.read() >= 0) {
      // until the other side goes
    }
  }

  private static void print(DatagramSocket socket) {
    DatagramPacket packet = new DatagramPacket(new byte[200], 200);
    try {
      while (true) {
        packet.setLength(200);
        socket.receive(packet);
        String id = new String(packet.getData(), 0, packet.getLength(), UTF_8);
        System.out.println(id + " " + packet.getAddress().getHostAddress());
      }
    } catch (IOException e) {
      System.out.println("closed " + e.getMessage());
    }
  }
}
