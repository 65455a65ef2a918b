/** JMH benchmarks and the traffic that they run on. */
@NullMarked
package io.vipscope.bench;

import org.jspecify.annotations.NullMarked;
