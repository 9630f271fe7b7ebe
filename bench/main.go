// Command bench measures the library side by side with the reference, and
// prints tables of ratios. See docs/performance.md.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"regexp"
)

func main() {
	log.SetFlags(0)
	if os.Getenv(serveVariable) != "" {
		log.Fatal(serve())
	}
	doc := flag.String("doc", "", "write performance.md and its plots into this `folder`")
	isQuick := flag.Bool("quick", false, "few rounds: to see that it works, not how fast it is")
	run := flag.String("run", "", "measure only the workloads that match this `regexp`, and nothing over loopback")
	flag.Parse()

	plan := thoroughPlan
	if *isQuick {
		plan = quickPlan
	}
	if *run != "" {
		if *doc != "" {
			log.Fatal("-doc needs all workloads: leave -run out")
		}
		only, err := regexp.Compile(*run)
		if err != nil {
			log.Fatal(err)
		}
		plan.only = only
	}
	plan.progress = func(what string) { fmt.Fprintln(os.Stderr, "measuring: "+what) }
	r, err := plan.execute()
	if err != nil {
		log.Fatal(err)
	}
	if *run != "" {
		fmt.Print(r.pairTable())
		return
	}
	fmt.Print(r.tables())
	if *doc != "" {
		if err := r.write(*doc); err != nil {
			log.Fatal(err)
		}
	}
}
