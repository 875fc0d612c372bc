// Figures of TinyAD (C++, Eigen, -O3 -march=native, one thread) on a grid of 100,352 triangles, as the issue of this package states them: measured on a machine like this
// one, not in this run. Milliseconds.
export const tinyad = {
  value: 10,
  gradient: 35,
  hessian: 202,
  /** With the projection to positive semidefinite element by element: 312 to 340; the lower end is compared with. */
  projected: 312,
  /** Nine projected Newton iterations with Eigen's LDLᵀ, and an estimate of the same with CHOLMOD on two threads. */
  newton: 10_070,
  newtonCholmod: 4700,
} as const;
export const triangles = 100_352;
/** The version by hand, both halves of the Hessian, on that machine when it was quiet: how fast this machine is now is told by its time in this run. */
export const byHandBothHalves = 5.2;
