// A canvas with a mesh in it, by three.js: in space, turned by the pointer, with a checkerboard laid on by its parameterization; or flat, coloured by the distortion of each triangle.
import {
  AmbientLight,
  BufferAttribute,
  BufferGeometry,
  DataTexture,
  DirectionalLight,
  DoubleSide,
  Group,
  LineBasicMaterial,
  LineSegments,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  NearestFilter,
  OrthographicCamera,
  PerspectiveCamera,
  RepeatWrapping,
  Scene,
  SRGBColorSpace,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

export interface View {
  /** Another mesh: the camera is set anew. */
  setMesh(positions: Float32Array, faces: Int32Array): void;
  /** The layout and the distortion of its triangles. */
  setLayout(uv: Float32Array, distortion: Float32Array): void;
  dispose(): void;
}

/** From pale blue at 1 to red at 3 and above, red, green and blue in [0, 1]. */
export function colourOf(value: number): readonly [number, number, number] {
  const t = Math.min(1, Math.max(0, Math.log(value) / Math.log(3)));
  return [(208 - 8 * t) / 255, (226 - 158 * t) / 255, (247 - 200 * t) / 255];
}

function renderer(canvas: HTMLCanvasElement): { draw: WebGLRenderer; aspect: () => number } {
  const draw = new WebGLRenderer({ canvas, antialias: true, alpha: true });
  draw.setPixelRatio(Math.min(2, window.devicePixelRatio));
  const aspect = () => {
    const { clientWidth: w, clientHeight: h } = canvas;
    draw.setSize(w, h, false);
    return w / Math.max(1, h);
  };
  return { draw, aspect };
}

/** Three corners a triangle, each with coordinates of its own. */
const spread = (values: Float32Array, faces: Int32Array, from: number, to: number, scale = 1): Float32Array => {
  const out = new Float32Array(to * faces.length);
  for (let c = 0; c < faces.length; c++)
    for (let i = 0; i < from; i++) out[to * c + i] = scale * values[from * faces[c]! + i]!;
  return out;
};

/** Half of the longest side of the box around points, and its centre. */
function box(values: Float32Array, width: number): { readonly half: number; readonly centre: readonly number[] } {
  const [low, high] = [new Array(width).fill(Infinity), new Array(width).fill(-Infinity)];
  for (let i = 0; i < values.length; i++) {
    low[i % width] = Math.min(low[i % width], values[i]!);
    high[i % width] = Math.max(high[i % width], values[i]!);
  }
  const sides = high.map((value, i) => value - low[i]);
  return { half: Math.max(...sides, 1e-9) / 2, centre: high.map((value, i) => (value + low[i]) / 2) };
}

export function spaceView(canvas: HTMLCanvasElement): View {
  const { draw, aspect } = renderer(canvas);
  const scene = new Scene();
  const camera = new PerspectiveCamera(35, aspect(), 0.01, 100);
  const sun = new DirectionalLight(0xffffff, 2.4);
  scene.add(new AmbientLight(0xffffff, 1.1), camera);
  camera.add(sun);
  sun.position.set(0.4, 0.8, 1);
  const board = new DataTexture(
    Uint8Array.of(246, 246, 242, 255, 70, 120, 175, 255, 70, 120, 175, 255, 246, 246, 242, 255),
    2,
    2,
  );
  board.magFilter = NearestFilter;
  board.wrapS = board.wrapT = RepeatWrapping;
  board.colorSpace = SRGBColorSpace;
  board.needsUpdate = true;
  const material = new MeshLambertMaterial({ map: board, side: DoubleSide });
  const holder = new Group();
  scene.add(holder);
  const controls = new OrbitControls(camera, canvas);
  controls.enablePan = false;
  const render = () => {
    camera.aspect = aspect();
    camera.updateProjectionMatrix();
    draw.render(scene, camera);
  };
  controls.addEventListener("change", render);
  const watcher = new ResizeObserver(render);
  watcher.observe(canvas);
  let geometry = new BufferGeometry();
  let faces = new Int32Array();
  let half = 1;
  return {
    setMesh(positions, given) {
      faces = given as Int32Array<ArrayBuffer>;
      geometry.dispose();
      geometry = new BufferGeometry();
      const around = box(positions, 3);
      half = around.half;
      let radius = 0;
      for (let i = 0; i < positions.length; i += 3)
        radius = Math.max(radius, Math.hypot(...[0, 1, 2].map((k) => positions[i + k]! - around.centre[k]!)));
      // A ball of radius 1.2 fills the view.
      const scale = 1.2 / Math.max(radius, 1e-9);
      const moved = positions.map((value, i) => scale * (value - around.centre[i % 3]!));
      geometry.setAttribute("position", new BufferAttribute(spread(moved, faces, 3, 3), 3));
      geometry.setAttribute("uv", new BufferAttribute(new Float32Array(2 * faces.length), 2));
      geometry.computeVertexNormals();
      holder.clear();
      holder.add(new Mesh(geometry, material));
      camera.up.set(0, 0, 1);
      camera.position.set(2.25, -2.95, 2.25);
      controls.target.set(0, 0, 0);
      controls.update();
      render();
    },
    setLayout(uv) {
      // Some dozen squares across: as long as those of the mesh, where nothing is stretched.
      geometry.setAttribute("uv", new BufferAttribute(spread(uv, faces, 2, 2, 5 / (2 * half)), 2));
      render();
    },
    dispose() {
      watcher.disconnect();
      controls.dispose();
      geometry.dispose();
      draw.dispose();
    },
  };
}

export function planeView(canvas: HTMLCanvasElement): View {
  const { draw, aspect } = renderer(canvas);
  const scene = new Scene();
  const camera = new OrthographicCamera(-1, 1, 1, -1, -10, 10);
  const fill = new MeshBasicMaterial({ vertexColors: true, side: DoubleSide });
  const stroke = new LineBasicMaterial({ color: 0x33414f, transparent: true, opacity: 0.2 });
  let geometry = new BufferGeometry();
  let lines = new BufferGeometry();
  let faces = new Int32Array();
  let half = 1;
  const render = () => {
    const a = aspect();
    const [w, h] = a > 1 ? [half * a, half] : [half, half / a];
    camera.left = -w;
    camera.right = w;
    camera.top = h;
    camera.bottom = -h;
    camera.updateProjectionMatrix();
    draw.render(scene, camera);
  };
  const watcher = new ResizeObserver(render);
  watcher.observe(canvas);
  return {
    setMesh(_positions, given) {
      faces = given as Int32Array<ArrayBuffer>;
      geometry.dispose();
      lines.dispose();
      geometry = new BufferGeometry();
      lines = new BufferGeometry();
      scene.clear();
      scene.add(new Mesh(geometry, fill));
      // Lines of a fine mesh would hide its colours.
      if (faces.length < 60_000) scene.add(new LineSegments(lines, stroke));
    },
    setLayout(uv, distortion) {
      const around = box(uv, 2);
      half = 1.06 * around.half;
      const moved = uv.map((value, i) => value - around.centre[i % 2]!);
      geometry.setAttribute("position", new BufferAttribute(spread(moved, faces, 2, 3), 3));
      const colours = new Float32Array(3 * faces.length);
      for (let f = 0; f < distortion.length; f++) {
        const colour = colourOf(distortion[f]!);
        for (let k = 0; k < 3; k++) colours.set(colour, 9 * f + 3 * k);
      }
      geometry.setAttribute("color", new BufferAttribute(colours, 3));
      const ends = new Float32Array(6 * faces.length);
      for (let c = 0; c < faces.length; c++) {
        const [p, q] = [faces[c]!, faces[c % 3 === 2 ? c - 2 : c + 1]!];
        ends.set([moved[2 * p]!, moved[2 * p + 1]!, 0.1, moved[2 * q]!, moved[2 * q + 1]!, 0.1], 6 * c);
      }
      lines.setAttribute("position", new BufferAttribute(ends, 3));
      render();
    },
    dispose() {
      watcher.disconnect();
      geometry.dispose();
      lines.dispose();
      draw.dispose();
    },
  };
}
