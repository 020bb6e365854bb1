package main

import (
	"syscall"
	"time"
)

// cpuTime returns the CPU time that this process has used, user and system.
func cpuTime() time.Duration {
	process, err := syscall.GetCurrentProcess()
	if err != nil {
		return 0
	}
	var created, exited, kernel, user syscall.Filetime
	if err := syscall.GetProcessTimes(process, &created, &exited, &kernel, &user); err != nil {
		return 0
	}
	return spent(kernel) + spent(user)
}

// spent reads a span of time, which Windows counts in units of 100 ns.
func spent(t syscall.Filetime) time.Duration {
	return 100 * time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime))
}
