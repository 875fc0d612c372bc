import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { defineAsyncComponent } from "vue";
import ChooseMethod from "./ChooseMethod.vue";
import LiveBilevel from "./LiveBilevel.vue";
import LiveMeans from "./LiveMeans.vue";
import LiveNewton from "./LiveNewton.vue";
import LiveTransport from "./LiveTransport.vue";
import "./live.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("ChooseMethod", ChooseMethod);
    app.component("LiveNewton", LiveNewton);
    app.component("LiveTransport", LiveTransport);
    app.component("LiveMeans", LiveMeans);
    app.component("LiveBilevel", LiveBilevel);
    // With three.js, which no other page needs.
    app.component(
      "LiveMesh",
      defineAsyncComponent(() => import("./LiveMesh.vue")),
    );
  },
} satisfies Theme;
