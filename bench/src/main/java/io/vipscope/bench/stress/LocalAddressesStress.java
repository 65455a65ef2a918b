package io.vipscope.bench.stress;

import io.vipscope.core.flow.LocalAddresses;
import io.vipscope.core.net.IpAddress;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** An address is added while a worker looks up: what was known before stays known, in its group. */
@JCStressTest
@Outcome(id = "0, -1", expect = Expect.ACCEPTABLE, desc = "before")
@Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "after")
@Outcome(expect = Expect.FORBIDDEN, desc = "a table that is not complete")
@State
public class LocalAddressesStress {

  private static final IpAddress OLD = IpAddress.parse("10.0.0.1");
  private static final IpAddress NEW = IpAddress.parse("10.0.0.2");

  private final LocalAddresses addresses = new LocalAddresses(List.of(List.of(OLD)));

  @Actor
  public void auditor() {
    addresses.add(List.of(List.of(OLD), List.of(NEW)), List.of());
  }

  @Actor
  public void worker(II_Result r) {
    r.r2 = addresses.groupOf(false, 0, NEW.lo());
    r.r1 = addresses.groupOf(false, 0, OLD.lo());
  }
}
