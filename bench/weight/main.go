// Command weight builds a hello world with this library, with net/http alone
// and with the reference, prints what they weigh, and fails where this
// library's is over its limits. Run it in the folder of the module bench.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Limits of the program with this library; the first two are over net/http alone.
const (
	maxBytes    = 1_200_000
	maxPackages = 40
	maxModules  = 6 // this library is one of them
)

type weight struct {
	bytes    int64
	packages int
	modules  []string
}

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "weight")
	if err != nil {
		log.Fatal(err)
	}
	err = run(dir)
	_ = os.RemoveAll(dir)
	if err != nil {
		log.Fatal(err)
	}
}

func run(dir string) error {
	names := []string{"nethttp", "portkey", "reference"}
	weights := map[string]weight{}
	fmt.Println("| hello world | size | packages | modules linked |\n| --- | --- | --- | --- |")
	for _, name := range names {
		w, err := weigh(dir, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		weights[name] = w
		fmt.Printf("| %s | %.2f MB | %d | %d |\n", name, float64(w.bytes)/1e6, w.packages, len(w.modules))
	}
	ours, least := weights["portkey"], weights["nethttp"]
	bytes, packages := ours.bytes-least.bytes, ours.packages-least.packages
	fmt.Printf("\nportkey adds %.2f MB (at most %.2f) and %d packages (at most %d), and links %d modules (at most %d):\n",
		float64(bytes)/1e6, maxBytes/1e6, packages, maxPackages, len(ours.modules), maxModules)
	for _, m := range ours.modules {
		fmt.Println("  " + m)
	}
	if bytes > maxBytes || packages > maxPackages || len(ours.modules) > maxModules {
		return fmt.Errorf("portkey is over its limits")
	}
	return nil
}

func weigh(dir, name string) (w weight, err error) {
	program, pkg := filepath.Join(dir, name), "./weight/"+name
	if _, err := output("go", "build", "-trimpath", "-o", program, pkg); err != nil {
		return w, err
	}
	info, err := os.Stat(program)
	if err != nil {
		return w, err
	}
	w.bytes = info.Size()
	packages, err := output("go", "list", "-deps", pkg)
	if err != nil {
		return w, err
	}
	w.packages = strings.Count(packages, "\n")
	version, err := output("go", "version", "-m", program)
	if err != nil {
		return w, err
	}
	for line := range strings.Lines(version) {
		// "dep <path> <version>", and "=>" in a line of its own for a replacement.
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == "dep" {
			w.modules = append(w.modules, fields[1]+" "+fields[2])
		}
	}
	return w, nil
}

func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return string(out), err
}
