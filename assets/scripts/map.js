// Maps over bundled polygons: no tile server, no other host. What a map shows stands on the page too.
import L from "leaflet";
import { feature, mesh } from "topojson-client";
import landAddress from "../map/dach-states.topo.json?url";
import { CITIES, nameOf } from "./cities.js";

const CLOSEST = 9; // the zoom at which a single place is shown
const MANY = 40; // places, from which on pins are small
const CITIES_FROM = { 1: 0, 2: 6.25, 3: 7.5 }; // rank of a city -> zoom from which it is named
const ABOVE = { cluster: 0, excluded: 0, paused: 100, partner: 200, asked: 200, taken: 300, lead: 400 };
const SIZE = { cluster: 34, excluded: 12, paused: 14, partner: 16, asked: 16, taken: 20, lead: 26 };

const canHover = matchMedia("(hover: hover)");
const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let land = null;

const countryOf = (state) => state.properties.iso.slice(0, 2);

async function readLand() {
  const topology = await (await fetch(landAddress)).json();
  const { states } = topology.objects;
  return {
    ground: feature(topology, states),
    states: mesh(topology, states, (a, b) => a !== b && countryOf(a) === countryOf(b)),
    countries: mesh(topology, states, (a, b) => a === b || countryOf(a) !== countryOf(b)),
  };
}

function addLand(map, { ground, states, countries }) {
  const still = { interactive: false };
  L.geoJSON(ground, { ...still, className: "map-land" }).addTo(map);
  L.geoJSON(states, { ...still, className: "map-border" }).addTo(map);
  L.geoJSON(countries, { ...still, className: "map-border map-border-country" }).addTo(map);
}

// As an element, for Leaflet takes a string as HTML.
function written(text, name = "span", className = "") {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function addCities(map) {
  map.createPane("cities").setAttribute("aria-hidden", "true");
  for (const [name, rank, ...at] of CITIES) {
    const icon = L.divIcon({ className: `map-city map-city-${rank}`, html: written(nameOf(name)), iconSize: [0, 0] });
    L.marker(at, { icon, pane: "cities", interactive: false, keyboard: false }).addTo(map);
  }
  const thinOut = () => {
    for (const [rank, from] of Object.entries(CITIES_FROM)) {
      map.getContainer().classList.toggle(`map-names-${rank}`, map.getZoom() >= from);
    }
  };
  map.on("zoomend", thinOut);
  thinOut();
}

// Under a mouse a pin leads on at once; under a finger, which cannot hover, it first says its name.
function makeLink(pin, place) {
  const follow = () => location.assign(place.href);
  const link = written(place.label, "a", "map-link");
  link.href = place.href;
  pin.bindPopup(link, { closeButton: false });
  pin.off("click").on("click", () => (canHover.matches ? follow() : pin.openPopup()));
  pin.off("keypress").on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && follow());
}

// A place is `{lat, lon, kind, label, href, radiusKm, count}`.
function addPlace(map, place) {
  const at = [place.lat, place.lon];
  if (place.radiusKm) {
    L.circle(at, { radius: place.radiusKm * 1000, className: "map-reach", interactive: false }).addTo(map);
  }
  const size = SIZE[place.kind] ?? 16;
  const shape = written(place.count ?? "", "span", `pin pin-${place.kind}`);
  const icon = L.divIcon({ className: "map-pin", html: shape, iconSize: [size, size] });
  const pin = L.marker(at, { icon, zIndexOffset: ABOVE[place.kind] ?? 0, riseOnHover: true }).addTo(map);
  const element = pin.getElement();
  element.tabIndex = -1;
  element.setAttribute("role", place.href ? "link" : "img");
  element.setAttribute("aria-label", place.label ?? "");
  if (place.label) pin.bindTooltip(written(place.label), { direction: "top", offset: [0, -size / 2] });
  if (place.href) makeLink(pin, place);
  return element;
}

// One pin is reached by the tab key, the others from there by the arrow keys.
function walkByArrows(pins) {
  if (pins.length === 0) return;
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  pins[0].tabIndex = 0;
  pins.forEach((pin, here) => {
    pin.addEventListener("keydown", (event) => {
      if (!(event.key in steps)) return;
      event.preventDefault();
      event.stopPropagation();
      const next = pins[(here + steps[event.key] + pins.length) % pins.length];
      pin.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  });
}

function boundsOf(places, ground) {
  if (places.length === 0) return L.geoJSON(ground).getBounds();
  const bounds = L.latLngBounds([]);
  for (const { lat, lon, radiusKm } of places) {
    bounds.extend(radiusKm ? L.latLng(lat, lon).toBounds(radiusKm * 2000) : [lat, lon]);
  }
  return bounds;
}

function makeMap(box) {
  const map = L.map(box, {
    attributionControl: false,
    // A finger that moves over the map scrolls the page; two fingers and the buttons zoom.
    dragging: canHover.matches,
    fadeAnimation: !isCalm,
    maxZoom: 12,
    minZoom: 4,
    scrollWheelZoom: false,
    zoomAnimation: !isCalm,
    zoomControl: false,
    zoomSnap: 0.25,
  });
  const { zoomIn, zoomOut } = box.dataset;
  L.control.zoom({ zoomInTitle: zoomIn, zoomOutTitle: zoomOut, zoomDelta: 1 }).addTo(map);
  L.control.attribution({ prefix: false }).addAttribution("Natural Earth · GeoNames").addTo(map);
  return map;
}

// A map in a sheet or behind a summary has no size until that is opened; whoever has moved a map
// keeps what they see.
function fitWhenSeen(map, box, bounds) {
  let isMoved = false;
  for (const type of ["pointerdown", "keydown"]) box.addEventListener(type, () => (isMoved = true));
  const fit = () => {
    if (box.clientWidth === 0 || box.clientHeight === 0) return;
    map.invalidateSize({ animate: false, pan: false });
    if (!isMoved) map.fitBounds(bounds, { animate: false, maxZoom: CLOSEST, padding: [28, 28] });
  };
  map.fitBounds(bounds, { animate: false });
  fit();
  new ResizeObserver(fit).observe(box);
}

export async function drawMaps(root) {
  const boxes = [...root.querySelectorAll("[data-map]:not([data-drawn])")];
  for (const box of boxes) box.dataset.drawn = "true";
  land ??= readLand();
  const polygons = await land;
  for (const box of boxes) {
    const places = JSON.parse(document.getElementById(box.dataset.map).textContent);
    box.classList.toggle("map-many", places.length > MANY);
    const map = makeMap(box);
    fitWhenSeen(map, box, boundsOf(places, polygons.ground));
    addLand(map, polygons);
    addCities(map);
    walkByArrows(places.map((place) => addPlace(map, place)));
  }
}
