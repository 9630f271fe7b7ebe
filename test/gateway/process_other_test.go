//go:build !unix

package gateway_test

import "os/exec"

func inOwnGroup(*exec.Cmd) {}

func killGroup(cmd *exec.Cmd) {
	cmd.Process.Kill()
}
