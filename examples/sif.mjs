// Read a test problem from a SIF file, the format of the CUTEst collection of optimization problems, and solve it.

import { minimize } from "@hessia/newton";
import { readSif } from "@hessia/sif";

// Columns matter in SIF. This is Rosenbrock's function, 100 (x2 − x1²)² + (x1 − 1)².
const text = `
NAME          ROSENBR
VARIABLES
    X1
    X2
GROUPS
 N  G1        X2        1.0
 N  G1        'SCALE'   0.01
 N  G2        X1        1.0
CONSTANTS
    ROSENBR   G2        1.0
BOUNDS
 FR ROSENBR   'DEFAULT'
START POINT
    ROSENBR   X1        -1.2           X2        1.0
ELEMENT TYPE
 EV SQ        V1
ELEMENT USES
 T  E1        SQ
 V  E1        V1                       X1
GROUP TYPE
 GV L2        GVAR
GROUP USES
 T  'DEFAULT' L2
 E  G1        E1        -1.0
ENDATA
ELEMENTS      ROSENBR
INDIVIDUALS
 T  SQ
 F                      V1 * V1
ENDATA
GROUPS        ROSENBR
INDIVIDUALS
 T  L2
 F                      GVAR * GVAR
ENDATA
`.trim();

const problem = readSif(text);
const { reason, x, value } = minimize(problem, problem.start);
console.log(
  `${problem.name}: ${reason.kind}, f = ${value.toFixed(9)} at ${Array.from(x, (xi) => xi.toFixed(6)).join(", ")}`,
);

// Prints:
//   ROSENBR: converged, f = 0.000000000 at 1.000000, 1.000000
