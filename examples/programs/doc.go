// Package programs tests the example programs as their users run them: built, with arguments, an
// environment and signals, against a broker. It is a module of its own, so that the programs need
// not bring the broker.
package programs
