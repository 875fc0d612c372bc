// Decentralized Riemannian conjugate gradients.
//
//   min (1/N) Σ fᵢ(x),   xᵢ⁺ = P(Σⱼ (Wᵗ)ᵢⱼ xⱼ + α ηᵢ),   ηᵢ⁺ = −grad fᵢ(xᵢ⁺) + βᵢ⁺ T_{xᵢ⁺}(Σⱼ (Wᵗ)ᵢⱼ ηⱼ),   βᵢ⁺ = ‖grad fᵢ(xᵢ⁺)‖²/‖grad fᵢ(xᵢ)‖²,
//
// with P the nearest-point projection (the polar factor on Stiefel manifolds) in place of a retraction, and T the projection on the tangent space in place of a transport.
//
// Chen, Ye, Wang, Huang, Dai, Tsang, Liu 2024, "Decentralized Riemannian conjugate gradient method on the Stiefel manifold", ICLR, Algorithm 1; β by Fletcher, Reeves 1964.
//
// Deviations:
// 1. With `gradientTracking` (the default) grad fᵢ(xᵢ⁺) gives way to vᵢ⁺ = T(sᵢ⁺), sᵢ⁺ = Σⱼ (Wᵗ)ᵢⱼ sⱼ + grad fᵢ(xᵢ⁺) − grad fᵢ(xᵢ), as in Chen, Garcia, Hong, Shahrampour 2021,
//    "Decentralized Riemannian gradient descent on the Stiefel manifold", ICML, Algorithm 2; s begins with grad fᵢ.
// 2. β is at most `momentum`, and 0 where vᵢ⁺ and the carried direction have a positive inner product: the agent restarts (O'Donoghue, Candès 2015, "Adaptive restart for accelerated
//    gradient schemes", Found. Comput. Math. 15). Near a solution with fixed steps Fletcher and Reeves' β tends to 1, and directions don't die out.
// 3. Steps are fixed, falling or adaptive (see `DecentralizedStep`); the paper takes the strong Wolfe conditions for granted. Adaptive ones are halved where progress ends.
//
// Proved (paper, without tracking): with steps that meet the strong Wolfe conditions and t large enough, the least ‖grad f(x̄)‖ tends to 0. Not proved: the method with tracking. With
// `momentum` 0 it is DPRGT, for which see dprgd.ts. For other manifolds than Stiefel's nothing is claimed in the paper.
import { requireNumber } from "@hessia/core";
import { type AgentRule, agentSettings, type DecentralizedOptions } from "../decentralized/agent.js";
import { type DecentralizedMethod, decentralizedMethod } from "../decentralized/method.js";
import { projectedMoveInto } from "./dprgd.js";

export interface DrcgdOptions extends DecentralizedOptions {
  /** The largest β, 0 to 1. Default 0.9. */
  readonly momentum?: number;
}

/**
 * Decentralized Riemannian conjugate gradients over a network of agents.
 * @throws ArgumentError when an option isn't known or out of range.
 */
export function drcgd(options: DrcgdOptions = {}): DecentralizedMethod {
  const { momentum = 0.9, ...rest } = options;
  requireNumber("drcgd", "options.momentum", momentum, { atLeast: 0, atMost: 1 });
  return decentralizedMethod(drcgdRule, agentSettings("drcgd", rest, momentum));
}

export const drcgdRule: AgentRule = {
  mixesDirections: true,
  moveInto: projectedMoveInto,
  turnInto(η, manifold, x, v, { heard, previousSquare, square, momentum }, carried) {
    manifold.projInto(carried, x, heard);
    let slope = 0;
    for (let k = 0; k < v.length; k++) slope += v[k] * carried[k];
    const fletcherReeves = previousSquare > 0 ? square / previousSquare : 0;
    const β = slope > 0 ? 0 : Math.min(momentum, fletcherReeves);
    for (let k = 0; k < v.length; k++) η[k] = β * carried[k] - v[k];
  },
};
