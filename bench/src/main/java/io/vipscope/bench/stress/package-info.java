/** Stress tests of what threads publish to each other without a library (jcstress). */
package io.vipscope.bench.stress;
