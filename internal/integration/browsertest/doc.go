// Package browsertest looks at the page in the process with a real browser, as an operator would
// during an outage. It is all tests.
//
// With DASHSTREAM_SCREENSHOT set, the test writes what it sees in the middle of the outage to that
// file.
package browsertest
