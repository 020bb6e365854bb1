package load

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
)

// Subcommand is the hidden argument with which a program becomes a producer.
const Subcommand = "producer"

// Spawn drives a contender in a process of its own, so that what it measures is the contender's
// alone. program is the one to start; "" is this one. It must call [Serve] when it is started with
// [Subcommand].
func Spawn(program string, spec Spec) (Result, error) {
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return Result{}, fmt.Errorf("producer: %w", err)
		}
		program = self
	}
	in, err := json.Marshal(spec)
	if err != nil {
		return Result{}, fmt.Errorf("producer: %w", err)
	}
	var out bytes.Buffer
	command := exec.Command(program, Subcommand)
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(in), &out, os.Stderr
	if err := command.Run(); err != nil {
		return Result{}, fmt.Errorf("producer: %s: %w", spec.Contender, err)
	}
	var r Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return Result{}, fmt.Errorf("producer: %s: %w", spec.Contender, err)
	}
	return r, nil
}
