/** Hostile code in a handler's place, and what it may do: two suites on one host. The second moves the clock. */
import './hostile/data.ts';
import './hostile/calls.ts';
