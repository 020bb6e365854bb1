// Package archtest holds the arrows of the architecture: which package of the core may import
// which, and how much the core may weigh. It is all tests.
package archtest
