// A peer of the micro benchmarks: Go, on one processor. Prints lines `name value unit`.
// Argument: a divisor for the sizes. Go has no callbacks on a loop.
package main

import (
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func report(name string, value float64, unit string) {
	fmt.Printf("%s %.1f %s\n", name, value, unit)
}

func since(start time.Time, count int) float64 {
	return float64(time.Since(start).Nanoseconds()) / float64(count)
}

func switching(tasks, switches int) float64 {
	var all sync.WaitGroup
	all.Add(tasks)
	start := time.Now()
	for i := 0; i < tasks; i++ {
		go func() {
			for j := 0; j < switches; j++ {
				runtime.Gosched()
			}
			all.Done()
		}()
	}
	all.Wait()
	return since(start, tasks*switches)
}

func spawning(rounds, tasks int) float64 {
	start := time.Now()
	for round := 0; round < rounds; round++ {
		var all sync.WaitGroup
		all.Add(tasks)
		for i := 0; i < tasks; i++ {
			go all.Done()
		}
		all.Wait()
	}
	return since(start, rounds*tasks)
}

func pingPong(rounds int) float64 {
	there, back := make(chan int, 1), make(chan int, 1)
	go func() {
		for i := 0; i < rounds; i++ {
			back <- <-there
		}
	}()
	start := time.Now()
	for i := 0; i < rounds; i++ {
		there <- i
		<-back
	}
	return since(start, rounds)
}

func gathering(children int) float64 {
	results := make([]bool, children)
	var all sync.WaitGroup
	all.Add(children)
	start := time.Now()
	for i := 0; i < children; i++ {
		go func(i int) {
			runtime.Gosched()
			results[i] = true
			all.Done()
		}(i)
	}
	all.Wait()
	return since(start, children)
}

func timerCancel(timers int) float64 {
	all := make([]*time.Timer, timers)
	start := time.Now()
	for i := range all {
		all[i] = time.AfterFunc(time.Hour, func() {})
	}
	for _, each := range all {
		each.Stop()
	}
	return since(start, timers)
}

func cpuNanos() int64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func timerFire(timers int) float64 {
	dice := rand.New(rand.NewSource(3156))
	var all sync.WaitGroup
	all.Add(timers)
	start := cpuNanos()
	for i := 0; i < timers; i++ {
		time.AfterFunc(time.Duration(dice.Int63n(int64(500*time.Millisecond))), all.Done)
	}
	all.Wait()
	return float64(cpuNanos()-start) / float64(timers)
}

// A goroutine gives work to another thread's worth of goroutines; on one processor that is a hand-over.
func offloading(calls int) float64 {
	runtime.GOMAXPROCS(2)
	defer runtime.GOMAXPROCS(1)
	work, done := make(chan func()), make(chan bool)
	go func() {
		runtime.LockOSThread() // a thread of its own, as an executor has
		for job := range work {
			job()
			done <- true
		}
	}()
	start := cpuNanos()
	for i := 0; i < calls; i++ {
		work <- func() {}
		<-done
	}
	close(work)
	return float64(cpuNanos()-start) / float64(calls)
}

func live() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc + stats.StackInuse
}

func sleeping(sleepers int, nap time.Duration) (float64, float64, float64) {
	var lock sync.Mutex
	var first, last time.Time
	var all sync.WaitGroup
	all.Add(sleepers)
	before := live()
	start := time.Now()
	deadline := start.Add(nap)
	for i := 0; i < sleepers; i++ {
		go func() {
			time.Sleep(time.Until(deadline))
			lock.Lock()
			last = time.Now()
			if first.IsZero() {
				first = last
			}
			lock.Unlock()
			all.Done()
		}()
	}
	runtime.Gosched()
	create := since(start, sleepers)
	bytes := float64(live()-before) / float64(sleepers)
	all.Wait()
	return create, float64(last.Sub(first).Nanoseconds()) / float64(sleepers), bytes
}

func main() {
	runtime.GOMAXPROCS(1)
	scale := 1
	if len(os.Args) > 1 {
		scale, _ = strconv.Atoi(os.Args[1])
	}
	report("switch", switching(1000, 2000/scale), "ns")
	report("switch1", switching(1, 1000000/scale), "ns")
	report("spawn", spawning(10, 10000), "ns")
	report("pingpong", pingPong(200000/scale), "ns")
	report("gather", gathering(100000/scale), "ns")
	report("timer_cancel", timerCancel(1000000/scale), "ns")
	report("timer_fire", timerFire(1000000/scale), "cpu-ns")
	report("offload", offloading(20000/scale), "cpu-ns")
	create, wake, bytes := sleeping(1000000/scale, 8*time.Second/time.Duration(scale))
	report("sleep_create", create, "ns")
	report("sleep_wake", wake, "ns")
	report("sleep_live", bytes, "bytes")
}
