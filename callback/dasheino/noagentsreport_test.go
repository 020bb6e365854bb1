//go:build !eino_agents

package dasheino

// agentsReport says that agents report to callbacks, which they do since Eino 0.8.
const agentsReport = false
