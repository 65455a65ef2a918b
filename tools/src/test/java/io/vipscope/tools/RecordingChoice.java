package io.vipscope.tools;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * Chooses from many recorded cases those that a committed recording needs: first those that show
 * each rule of {@code tools/mutations} to be broken, then greedily the one that takes the most
 * branches of the model which are still taken by few. Runs with JaCoCo's agent ({@code
 * tools/record-answers}), which tells the branches.
 */
final class RecordingChoice {

  /** A branch counts as covered when so many cases take it: one alone may not show its effect. */
  private static final int ENOUGH = 12;

  /** So many cases for each rule of {@code tools/mutations}. */
  private static final int OF_EACH_RULE = 2;

  private static final int SESSION = 0x10;
  private static final int EXECUTION = 0x11;
  private static final int HEADER = 0x01;

  private RecordingChoice() {}

  /**
   * Writes the chosen cases.
   *
   * @param args the file to write, how many cases at most, and the files to choose from; the
   *     working directory is the root of the checkout
   */
  public static void main(String[] args) throws IOException, JMException {
    int most = Integer.parseInt(args[1]);
    Path folder = Files.createTempDirectory("vipscope-choice");
    Map<String, String> pool = pool(List.of(args).subList(2, args.length), folder);
    Map<String, Set<String>> taken = new HashMap<>();
    for (Map.Entry<String, String> each : pool.entrySet()) {
      KernelCase one = KernelCase.of(each.getValue());
      var snapshot = one.snapshot(folder);
      branches();
      var _ = one.disagreements(snapshot);
      taken.put(each.getKey(), branches());
    }
    Files.delete(folder);
    Map<KernelCase, Set<String>> open = new HashMap<>();
    pool.forEach((name, line) -> open.put(KernelCase.of(line), taken.getOrDefault(name, Set.of())));
    List<KernelCase> chosen = new ArrayList<>();
    for (String name : showingBrokenRules(pool, taken)) {
      chosen.add(KernelCase.of(Objects.requireNonNull(pool.get(name))));
    }
    System.out.println(chosen.size() + " cases show rules of tools/mutations to be broken");
    choose(open, chosen, most);
    chosen.sort(KernelCase.order());
    Recording.write(chosen, Path.of(args[0]));
    System.out.printf(
        "%d of %d cases with %d answers, %d bytes%n",
        chosen.size(),
        pool.size(),
        chosen.stream().mapToInt(c -> c.answers().size()).sum(),
        Files.size(Path.of(args[0])));
  }

  /** The recorded cases by name, in an order in which every kind comes early. */
  private static Map<String, String> pool(List<String> files, Path folder) {
    Map<String, String> all = new TreeMap<>();
    for (String file : files) {
      for (String line : Recording.lines(Path.of(file))) {
        KernelCase one = KernelCase.of(line);
        if (one.disagreements(one.snapshot(folder)).isEmpty()) {
          all.put(one.toString(), line);
        } else {
          System.out.println(one + ": the model disagrees, left out");
        }
      }
    }
    List<String> names = new ArrayList<>(all.keySet());
    Collections.shuffle(names, new Random(1));
    Map<String, String> shuffled = new LinkedHashMap<>();
    names.forEach(name -> shuffled.put(name, Objects.requireNonNull(all.get(name))));
    return shuffled;
  }

  /** For each broken rule the first cases that show it; those written by hand all. */
  private static Set<String> showingBrokenRules(
      Map<String, String> pool, Map<String, Set<String>> taken) throws IOException {
    Set<String> chosen = new LinkedHashSet<>();
    pool.keySet().stream().filter(n -> n.startsWith(WrittenHost.KIND + " ")).forEach(chosen::add);
    List<Future<List<String>>> all = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<BrokenModel> models = BrokenModel.read(Path.of("tools/mutations"));
      for (BrokenModel broken : models) {
        List<String> lines = new ArrayList<>();
        String changed = broken.className() + "#";
        pool.forEach((name, line) -> {
          if (taken.getOrDefault(name, Set.of()).stream().anyMatch(b -> b.startsWith(changed))) {
            lines.add(line);
          }
        });
        all.add(threads.submit(() -> broken.shownBy(Path.of("."), lines, OF_EACH_RULE)));
      }
      for (int i = 0; i < all.size(); i++) {
        List<String> shown = all.get(i).get();
        if (shown.isEmpty()) {
          System.out.println(models.get(i).name() + ": no case shows it");
        }
        for (String each : shown) {
          String name = each.substring(0, Math.max(0, each.indexOf(':')));
          if (pool.containsKey(name)) {
            chosen.add(name);
          }
        }
      }
    } catch (ExecutionException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return chosen;
  }

  private static void choose(Map<KernelCase, Set<String>> open, List<KernelCase> chosen, int most) {
    Map<String, Integer> covered = new HashMap<>();
    for (KernelCase one : chosen) {
      Objects.requireNonNull(open.remove(one))
          .forEach(branch -> covered.merge(branch, 1, Integer::sum));
    }
    while (chosen.size() < most && !open.isEmpty()) {
      KernelCase best = null;
      double highest = 0;
      for (Map.Entry<KernelCase, Set<String>> entry : open.entrySet()) {
        double value = 0;
        for (String branch : entry.getValue()) {
          int times = covered.getOrDefault(branch, 0);
          value += times < ENOUGH ? 1.0 / (1 << times) : 0;
        }
        boolean better =
            value > highest
                || value == highest
                    && best != null
                    && KernelCase.order().compare(entry.getKey(), best) < 0;
        if (value > 0 && better) {
          best = entry.getKey();
          highest = value;
        }
      }
      if (best == null) {
        break;
      }
      Objects.requireNonNull(open.remove(best))
          .forEach(branch -> covered.merge(branch, 1, Integer::sum));
      chosen.add(best);
    }
  }

  /** The branches of the model taken since the last call. */
  private static Set<String> branches() throws IOException, JMException {
    byte[] data =
        (byte[])
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("org.jacoco:type=Runtime"),
                    "getExecutionData",
                    new Object[] {true},
                    new String[] {"boolean"});
    Set<String> taken = new HashSet<>();
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(data));
    for (int block = in.read(); block >= 0; block = in.read()) {
      switch (block) {
        case HEADER -> in.skipNBytes(4);
        case SESSION -> {
          in.readUTF();
          in.skipNBytes(16);
        }
        case EXECUTION -> execution(in, taken);
        default -> throw new IOException("block " + block + " in the agent's data");
      }
    }
    return taken;
  }

  private static void execution(DataInputStream in, Set<String> taken) throws IOException {
    in.readLong();
    String name = in.readUTF();
    int count = length(in);
    int bits = 0;
    for (int i = 0; i < count; i++) {
      bits = i % 8 == 0 ? in.readUnsignedByte() : bits >>> 1;
      if ((bits & 1) != 0) {
        taken.add((name + "#" + i).intern());
      }
    }
  }

  private static int length(DataInputStream in) throws IOException {
    int value = in.readUnsignedByte();
    return (value & 0x80) == 0 ? value : value & 0x7f | length(in) << 7;
  }
}
