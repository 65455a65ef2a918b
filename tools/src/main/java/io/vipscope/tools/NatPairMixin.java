package io.vipscope.tools;

import io.vipscope.core.frame.Segments;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.pipeline.HostIndex;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --nat-pair}: which of an audit's inputs show flows before and behind NAT. */
final class NatPairMixin {

  @Spec(Spec.Target.MIXEE)
  @SuppressWarnings("NullAway.Init")
  private CommandSpec spec;

  @Option(
      names = "--nat-pair",
      paramLabel = "inside=X,outside=Y",
      converter = NatPairOption.Converter.class,
      description =
          "X and Y, files (with -r) or interfaces (with -i), show flows before and behind NAT of an"
              + " audited host: pairs both sides, compares the source with what the host's rules"
              + " make of it, and tells of flows on one side only, ports that were rewritten and"
              + " sources that were mapped twice. Y is audited like any input, X is not.")
  private @Nullable NatPairOption pair;

  private @Nullable NatPairing pairing;

  /** Whether a pair was given. */
  boolean isAttached() {
    return pair != null;
  }

  /** Whether the outside is a capture, where neither -r nor -i says which of both. */
  boolean isFile() {
    return pair != null && Files.exists(Path.of(pair.outside()));
  }

  /** The inputs to audit: the outside is one of them, also where no -i or -r names it. */
  List<String> audited(List<String> inputs) {
    if (pair == null) {
      return inputs;
    }
    if (inputs.contains(pair.inside())) {
      throw new ParameterException(
          spec.commandLine(),
          "--nat-pair: its inside is not audited, and must not be given with -r or -i too");
    }
    List<String> all = new ArrayList<>(inputs);
    if (!all.contains(pair.outside())) {
      all.add(pair.outside());
    }
    return all;
  }

  /** The inputs to read: after those that are audited the inside. */
  List<String> read(List<String> audited) {
    if (pair == null) {
      return audited;
    }
    List<String> all = new ArrayList<>(audited);
    all.add(pair.inside());
    return all;
  }

  /** Lets a run show its frames, and tell what comes of them. */
  void attach(
      AuditRun run,
      AuditOutput results,
      List<String> audited,
      HostIndex index,
      List<IpAddress> vips,
      Segments segments) {
    if (pair != null) {
      // An index of its own: that of the audit belongs to another thread.
      pairing = new NatPairing(new NatJudge(new HostIndex(index.hosts(), vips, segments)));
      run.nat(pairing, audited.size(), audited.indexOf(pair.outside()));
      results.nat(pairing);
    }
  }

  /** The run is over. */
  void finish(AuditOutput results) {
    if (pairing != null) {
      pairing.finish();
      results.flushNat();
    }
  }
}
