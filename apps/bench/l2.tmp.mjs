import { logisticRegression, logSumExp } from "/work/main/apps/bench/dist/problems/dense.js";
import { solve, gradientNorm, any, maxIterations } from "/work/main/packages/core/dist/index.js";
import { lazyCubicNewton } from "/work/main/packages/newton/dist/index.js";
for (const n of process.argv.slice(2).map(Number)) for (const make of [logisticRegression, logSumExp]) { const inst = make(n);
 for (const R of [0,2,5,20]) for (const m of [1,25,n,"auto"]) { globalThis.RAISE=R; const t=performance.now(); const r=solve(lazyCubicNewton({hessianPeriod:m}),inst.problem,inst.start(),{stop:any(gradientNorm(1e-6),maxIterations(5000)),secondOrder:false});
 console.log(n,inst.name,"R",R,"m",m,r.state.period,(performance.now()-t).toFixed(0)+"ms",JSON.stringify(Object.values(r.counts)),r.reason.rule,"g",r.times.gradient.toFixed(0),"f",r.times.value.toFixed(0),"H",r.times.hessian.toFixed(0),"fact",r.times.factorization.toFixed(0)); } }
