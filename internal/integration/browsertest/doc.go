// Package browsertest looks at the page in the process with a real browser, as an operator would
// during an outage. It consists of tests only.
//
// With DASHSTREAM_SCREENSHOT set, the test writes a screenshot from the middle of the outage to
// that file.
package browsertest
