import { it } from "vitest";
import { solve, gradientNorm, any, maxIterations, denseMatrix } from "@hessia/core";
import { sparseFromTriplets } from "@hessia/core/linear";
import { arc, lazyCubicNewton, lazyRegularizedNewton, lbfgs, newton, trustRegion } from "../src/index.js";
const chain = (n:number, sparse:boolean) => {
  const I:number[]=[],J:number[]=[],V:number[]=[]; for(let i=0;i<n;i++){I.push(i);J.push(i);V.push(1); if(i+1<n){I.push(i+1);J.push(i);V.push(1)}}
  const P=sparseFromTriplets(n,n,I,J,V,{symmetric:true});
  return { dimension:n, value:(x:any)=>{let s=0;for(let i=0;i+1<n;i++)s+=100*(x[i+1]-x[i]**2)**2+(1-x[i])**2;return s},
   gradientInto(o:any,x:any){o.fill(0);for(let i=0;i+1<n;i++){const t=x[i+1]-x[i]**2;o[i]+=-400*x[i]*t-2*(1-x[i]);o[i+1]+=200*t}return o},
   newHessian:()=> sparse? {...P,values:new Float64Array(P.values.length)}: denseMatrix(n,n),
   hessianInto(H:any,x:any){ if(sparse){H.values.fill(0);for(let i=0;i+1<n;i++){const p=H.colPointers[i];H.values[p]+=1200*x[i]**2-400*x[i+1]+2;H.values[p+1]+=-400*x[i];H.values[H.colPointers[i+1]]+=200}} else {H.data.fill(0);for(let i=0;i+1<n;i++){H.data[i*n+i]+=1200*x[i]**2-400*x[i+1]+2;H.data[i*n+i+1]+=-400*x[i];H.data[(i+1)*n+i]+=-400*x[i];H.data[(i+1)*n+i+1]+=200}} return H},
   hessianApplyInto(o:any,x:any,v:any){o.fill(0);for(let i=0;i+1<n;i++){o[i]+=(1200*x[i]**2-400*x[i+1]+2)*v[i]-400*x[i]*v[i+1];o[i+1]+=-400*x[i]*v[i]+200*v[i+1]}return o} };
};
it("x", () => {
  for (const [n,sp] of [[2,false],[100,true],[100,false],[1000,true]] as const) for (const [name,m] of [["lazy",lazyCubicNewton()],["m1",lazyCubicNewton({hessianPeriod:1})],["tr",trustRegion()],["trp",trustRegion({subproblem:"products"})],["arc",arc()],["newton",newton()],["lbfgs",lbfgs()]] as any) {
    if(n===1000&&name==="lbfgs")continue;
    const p=chain(n,sp); const x0=n===2?[-1.2,1]:new Float64Array(n).fill(-0.7);
    const t=performance.now(); const r=solve(m,p as any,x0,{stop:any(gradientNorm({absolute:1e-8,relative:0}),maxIterations(5000)) as any});
    console.log(n,sp,name.padEnd(7),r.value.toExponential(2),r.iterations,JSON.stringify(Object.values(r.counts)),(performance.now()-t).toFixed(0)+"ms",r.reason.rule,r.reason.detail,r.leastCurvature);
  }
}, 300000);
