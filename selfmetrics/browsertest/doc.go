// Package browsertest looks at the page in the process with a real browser, as an operator would
// during an outage. It is a module of its own, so that the client for browsers is nobody else's
// dependency. There is nothing to import.
//
// With DASHSTREAM_SCREENSHOT set, the test writes what it sees in the middle of the outage to that
// file.
package browsertest
