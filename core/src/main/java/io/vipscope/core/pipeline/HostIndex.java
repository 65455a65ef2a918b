package io.vipscope.core.pipeline;

import io.vipscope.core.failover.InstanceNames;
import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.frame.Segments;
import io.vipscope.core.model.snapshot.VrrpInstance;
import io.vipscope.core.net.IpAddress;
import io.vipscope.core.ownership.HostDirectory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which audited host an address or a MAC belongs to, over all snapshots. Once a pipeline runs, its
 * cold thread alone uses an instance.
 *
 * <p>In a segment that pairs name, their hosts come first; then those of no segment. A frame
 * without a tag may be of any pair. Every look-up ends at the first of these that knows the address
 * or MAC.
 */
public final class HostIndex implements HostDirectory, InstanceNames {

  private final Map<String, AuditedHost> hosts = new LinkedHashMap<>();
  private final Set<IpAddress> extraVips;
  private final Segments segments;

  /** Hosts of pairs that have no segment, and VIPs of the command line. */
  private SegmentHosts anywhere;

  private SegmentHosts all;
  private Map<SegmentName, SegmentHosts> named = Map.of();

  /** By segment + 1, made when first asked. */
  private @Nullable SegmentView[] views = new SegmentView[0];

  /** By the parts that they are put together from: most segments have the same. */
  private final Map<List<List<SegmentHosts>>, SegmentView> shared = new HashMap<>();

  /**
   * @param extraVips VIPs named on the command line, beside those of keepalived.conf
   */
  public HostIndex(Collection<AuditedHost> audited, Collection<IpAddress> extraVips) {
    this(audited, extraVips, new Segments());
  }

  /**
   * The same where pairs name their segments.
   *
   * @param segments what the numbers of segments stand for
   */
  public HostIndex(
      Collection<AuditedHost> audited, Collection<IpAddress> extraVips, Segments segments) {
    this.extraVips = Set.copyOf(extraVips);
    this.segments = segments;
    anywhere = new SegmentHosts(List.of(), extraVips);
    all = anywhere;
    update(audited);
  }

  /** Takes newer state of the hosts, their addresses and VIPs. */
  void update(Collection<AuditedHost> audited) {
    audited.forEach(host -> hosts.put(host.name(), host));
    Map<SegmentName, List<AuditedHost>> bySegment = new LinkedHashMap<>();
    List<AuditedHost> free = new ArrayList<>();
    for (AuditedHost host : hosts.values()) {
      SegmentName segment = host.segment();
      (segment == null ? free : bySegment.computeIfAbsent(segment, _ -> new ArrayList<>()))
          .add(host);
    }
    anywhere = new SegmentHosts(free, extraVips);
    all = bySegment.isEmpty() ? anywhere : new SegmentHosts(hosts.values(), extraVips);
    Map<SegmentName, SegmentHosts> fresh = new LinkedHashMap<>();
    bySegment.forEach((segment, of) -> fresh.put(segment, new SegmentHosts(of, List.of())));
    named = fresh;
    views = new SegmentView[0];
    shared.clear();
  }

  private SegmentView view(int segment) {
    int i = segment + 1;
    if (i >= views.length) {
      views = Arrays.copyOf(views, i + 1);
    }
    SegmentView view = views[i];
    if (view == null) {
      view = makeView(segment);
      views[i] = view;
    }
    return view;
  }

  private SegmentView makeView(int segment) {
    List<SegmentHosts> sure = new ArrayList<>();
    List<SegmentHosts> possible = new ArrayList<>();
    named.forEach((name, of) -> {
      if (name.names(segment, segments)) {
        sure.add(of);
      } else if (name.mayLackTag(segment, segments)) {
        possible.add(of);
      }
    });
    sure.add(anywhere);
    return shared.computeIfAbsent(List.of(sure, possible), _ -> new SegmentView(sure, possible));
  }

  public Collection<AuditedHost> hosts() {
    return hosts.values();
  }

  /** The hosts that may be seen in a segment. */
  List<AuditedHost> hosts(int segment) {
    return view(segment).hosts();
  }

  public @Nullable AuditedHost host(@Nullable String name) {
    return name == null ? null : hosts.get(name);
  }

  /** The VIPs of any pair, named by keepalived.conf or by the user. */
  public Set<IpAddress> vips() {
    return Set.copyOf(all.vips());
  }

  /** Whether the address is a VIP of any pair. */
  public boolean isVip(IpAddress address) {
    return all.isVip(address);
  }

  @Override
  public boolean isVip(int segment, IpAddress address) {
    return view(segment).isVip(address);
  }

  @Override
  public String segmentName(int segment) {
    return segments.name(segment);
  }

  @Override
  public @Nullable String groupOf(IpAddress vip, @Nullable String holder) {
    AuditedHost first = host(holder);
    String group = first == null ? null : groupOf(vip, first);
    for (AuditedHost host : hosts.values()) {
      if (group == null) {
        group = groupOf(vip, host);
      }
    }
    return group;
  }

  private static @Nullable String groupOf(IpAddress vip, AuditedHost host) {
    for (VrrpInstance instance : host.snapshots().getLast().instances()) {
      if (instance.names(vip)) {
        return instance.group();
      }
    }
    return null;
  }

  @Override
  public @Nullable String instanceOf(IpAddress vip, @Nullable String holder) {
    AuditedHost first = host(holder);
    String name = first == null ? null : instanceOf(vip, first);
    for (AuditedHost host : hosts.values()) {
      if (name == null) {
        name = instanceOf(vip, host);
      }
    }
    return name;
  }

  @Override
  public boolean areApart(IpAddress a, IpAddress b) {
    boolean first = false;
    boolean second = false;
    for (AuditedHost host : hosts.values()) {
      for (VrrpInstance instance : host.snapshots().getLast().instances()) {
        boolean hasFirst = instance.names(a);
        boolean hasSecond = instance.names(b);
        if (hasFirst && hasSecond) {
          return false;
        }
        first |= hasFirst;
        second |= hasSecond;
      }
    }
    return first && second;
  }

  private static @Nullable String instanceOf(IpAddress vip, AuditedHost host) {
    for (VrrpInstance instance : host.snapshots().getLast().instances()) {
      if (instance.names(vip)) {
        return instance.name();
      }
    }
    return null;
  }

  /** The name of the pair of the first of these hosts that is audited; null without one. */
  public @Nullable String pairOf(@Nullable String... names) {
    for (String name : names) {
      AuditedHost host = host(name);
      if (host != null) {
        AuditedPair pair = host.pair();
        return pair == null ? null : pair.name();
      }
    }
    return null;
  }

  /** The name of the pair whose VIP it is in a segment; null without one. */
  public @Nullable String pairOf(int segment, @Nullable IpAddress vip) {
    if (vip != null) {
      for (AuditedHost host : hosts(segment)) {
        if (host.vips().contains(vip)) {
          return pairOf(host.name());
        }
      }
    }
    return null;
  }

  /** The hosts of any pair that have this address as their own; empty for a VIP. */
  List<AuditedHost> hostsOfAddress(IpAddress address) {
    return all.hostsOfAddress(address);
  }

  /**
   * The hosts that have this address as their own in this segment; empty for a VIP. Where the tag
   * is missing, those of several segments.
   */
  List<AuditedHost> hostsOfAddress(int segment, IpAddress address) {
    return view(segment).hostsOfAddress(address);
  }

  @Override
  public @Nullable String hostOfAddress(int segment, IpAddress address) {
    List<AuditedHost> owners = hostsOfAddress(segment, address);
    return owners.size() == 1 ? owners.getFirst().name() : null;
  }

  @Override
  public @Nullable String hostOfMac(int segment, long mac) {
    AuditedHost host = view(segment).hostOfMac(mac);
    return host == null ? null : host.name();
  }

  /** The host one of whose interfaces has this MAC in this segment; null for none. */
  @Nullable AuditedHost ofMac(int segment, long mac) {
    return view(segment).hostOfMac(mac);
  }

  /** The host of any pair one of whose interfaces has this MAC; null for none. */
  public @Nullable AuditedHost ofMac(long mac) {
    return all.hostOfMac(mac);
  }

  /** Whether the address is a VIP or an audited host's own, in any segment. */
  public boolean isLocal(IpAddress address) {
    return all.knows(address);
  }

  /** Whether the address is a VIP or an audited host's own. */
  boolean isLocal(int segment, IpAddress address) {
    return view(segment).knows(address);
  }

  /** The form that reader and workers use, in the groups of {@link #groups}. */
  public LocalAddresses localAddresses() {
    return new LocalAddresses(groups(), vips());
  }

  /**
   * One group of addresses per pair; hosts without a pair form one, and so do pairs that have an
   * address in common: the groups say nothing of segments.
   */
  List<Set<IpAddress>> groups() {
    Map<String, Set<IpAddress>> byPair = new LinkedHashMap<>();
    for (AuditedHost host : hosts.values()) {
      AuditedPair pair = host.pair();
      Set<IpAddress> group =
          byPair.computeIfAbsent(pair == null ? "" : pair.name(), _ -> new LinkedHashSet<>());
      group.addAll(host.addresses());
      group.addAll(host.vips());
    }
    List<Set<IpAddress>> groups = new ArrayList<>();
    byPair.values().forEach(group -> merge(groups, group));
    if (!groups.isEmpty()) {
      Set<IpAddress> unplaced = new LinkedHashSet<>(vips());
      groups.forEach(unplaced::removeAll);
      groups.getFirst().addAll(unplaced);
    }
    return groups;
  }

  private static void merge(List<Set<IpAddress>> groups, Set<IpAddress> further) {
    Set<IpAddress> merged = further;
    int at = -1;
    for (int i = groups.size() - 1; i >= 0; i--) {
      Set<IpAddress> group = groups.get(i);
      if (further.stream().anyMatch(group::contains)) {
        group.addAll(merged);
        if (at > i) {
          groups.remove(at);
        }
        merged = group;
        at = i;
      }
    }
    if (at < 0) {
      groups.add(further);
    }
  }
}
