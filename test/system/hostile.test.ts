/** Hostile code in a handler's place, and what it may do: three suites on one host. The second moves the clock, the third by weeks. */
import './hostile/data.ts';
import './hostile/calls.ts';
import './hostile/expiry.ts';
