// Package seal makes records of batches, on the engine's worker: it joins what was written, hides
// what must not be published, and decides in which form a state goes out. It also knows how a
// message that is too large is shortened, which the client API asks it to do.
package seal
