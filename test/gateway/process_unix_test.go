//go:build unix

package gateway_test

import (
	"os/exec"
	"syscall"
)

// inOwnGroup makes cmd the leader of a process group, so that killGroup reaches its children too.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}

func killGroup(cmd *exec.Cmd) {
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
}
