package dev.reverie.sim;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads from a model what its geoms look like: all of the groups that MuJoCo's viewer shows, or,
 * where a scene has meshes that show alone in group 1, as those of robosuite, that group.
 */
final class Solids {
  // mjtGeom.
  private static final int PLANE = 0;
  private static final int SPHERE = 2;
  private static final int CAPSULE = 3;
  private static final int ELLIPSOID = 4;
  private static final int CYLINDER = 5;
  private static final int BOX = 6;
  private static final int MESH = 7;

  private static final int SHOWN_GROUPS = 3;
  private static final int VISUAL_GROUP = 1;

  /** mjtTexture: a flat picture. */
  private static final int FLAT = 0;

  /** mjtTextureRole of what colours a material, of so many roles. */
  private static final int[] COLOURS = {1, 0};

  private static final int ROLES = 10;

  /** The colour of a geom that has none of its own, and gives way to its material's. */
  private static final float[] NO_COLOUR = {0.5f, 0.5f, 0.5f, 1};

  private static final float SEEN_OPACITY = 0.1f;

  private final MemorySegment model;
  private final Arena arena;
  private final boolean[] moving;
  private final int[] types;
  private final int[] groups;
  private final int[] meshes;
  private final int[] materials;
  private final double[] sizes;
  private final float[] colours;
  private final float[] vertices;
  private final int[] faces;
  private final float[] coordinates;
  private final int[] faceCoordinates;

  private Solids(MemorySegment model, Arena arena, boolean[] moving) {
    this.model = model;
    this.arena = arena;
    this.moving = moving;
    types = ints("geom_type");
    groups = ints("geom_group");
    meshes = ints("geom_dataid");
    materials = ints("geom_matid");
    sizes =
        Layout.array(model, model, "mjModel.geom_size", JAVA_DOUBLE, arena).toArray(JAVA_DOUBLE);
    colours = floats("geom_rgba");
    vertices = floats("mesh_vert");
    faces = ints("mesh_face");
    coordinates = floats("mesh_texcoord");
    faceCoordinates = ints("mesh_facetexcoord");
  }

  /**
   * All that can be seen.
   *
   * @param moving [geoms] whether each can move
   */
  static List<Solid> of(MemorySegment model, Arena arena, boolean[] moving) {
    return new Solids(model, arena, moving).solids();
  }

  private List<Solid> solids() {
    boolean visual = false;
    for (int geom = 0; geom < types.length; geom++) {
      visual |= types[geom] == MESH && groups[geom] == VISUAL_GROUP;
    }
    List<Texture> textures = textures();
    List<Solid> solids = new ArrayList<>();
    for (int geom = 0; geom < types.length; geom++) {
      boolean shown = visual ? groups[geom] == VISUAL_GROUP : groups[geom] < SHOWN_GROUPS;
      float[] rgba = rgba(geom);
      if (shown && rgba[3] > SEEN_OPACITY) {
        solid(geom, rgba, textures).ifPresent(solids::add);
      }
    }
    return solids;
  }

  /** A texture of the model; the mean alone is used of one that is folded around a box. */
  private record Texture(boolean flat, Solid.Texture picture) {}

  private List<Texture> textures() {
    int[] kinds = ints("tex_type");
    int[] widths = ints("tex_width");
    int[] heights = ints("tex_height");
    int[] channels = ints("tex_nchannel");
    long[] places =
        Layout.array(model, model, "mjModel.tex_adr", JAVA_LONG, arena).toArray(JAVA_LONG);
    MemorySegment data = Layout.array(model, model, "mjModel.tex_data", JAVA_BYTE, arena);
    List<Texture> textures = new ArrayList<>();
    for (int id = 0; id < kinds.length; id++) {
      byte[] rgb = new byte[3 * widths[id] * heights[id]];
      for (int i = 0; i < rgb.length; i++) {
        int channel = Math.min(i % 3, channels[id] - 1);
        rgb[i] = data.get(JAVA_BYTE, places[id] + (long) i / 3 * channels[id] + channel);
      }
      textures.add(new Texture(kinds[id] == FLAT, new Solid.Texture(widths[id], heights[id], rgb)));
    }
    return textures;
  }

  private float[] rgba(int geom) {
    float[] own = Arrays.copyOfRange(colours, 4 * geom, 4 * geom + 4);
    int material = materials[geom];
    return material < 0 || !Arrays.equals(own, NO_COLOUR)
        ? own
        : Arrays.copyOfRange(floats("mat_rgba"), 4 * material, 4 * material + 4);
  }

  private Optional<Texture> texture(int material, List<Texture> textures) {
    if (material < 0) {
      return Optional.empty();
    }
    int[] ids = ints("mat_texid");
    for (int role : COLOURS) {
      int id = ids[ROLES * material + role];
      if (id >= 0) {
        return Optional.of(textures.get(id));
      }
    }
    return Optional.empty();
  }

  private Optional<Solid> solid(int geom, float[] rgba, List<Texture> textures) {
    double x = sizes[3 * geom];
    double y = sizes[3 * geom + 1];
    double z = sizes[3 * geom + 2];
    Optional<float[]> corners =
        switch (types[geom]) {
          case PLANE -> Optional.of(Solid.Shapes.plane(x, y));
          case SPHERE -> Optional.of(Solid.Shapes.ellipsoid(x, x, x));
          case CAPSULE -> Optional.of(Solid.Shapes.capsule(x, y));
          case ELLIPSOID -> Optional.of(Solid.Shapes.ellipsoid(x, y, z));
          case CYLINDER -> Optional.of(Solid.Shapes.cylinder(x, y));
          case BOX -> Optional.of(Solid.Shapes.box(x, y, z));
          case MESH -> Optional.of(corners(meshes[geom]));
          default -> Optional.empty(); // a height field, a distance field: not drawn
        };
    Optional<Texture> texture = texture(materials[geom], textures);
    float[] uv =
        types[geom] == MESH && texture.filter(Texture::flat).isPresent()
            ? uv(meshes[geom])
            : new float[0];
    float[] rgb = {rgba[0], rgba[1], rgba[2]};
    if (uv.length == 0 && texture.isPresent()) {
      float[] mean = texture.get().picture().mean();
      for (int channel = 0; channel < 3; channel++) {
        rgb[channel] *= mean[channel];
      }
    }
    Optional<Solid.Texture> cover =
        uv.length == 0 ? Optional.empty() : texture.map(Texture::picture);
    return corners.map(all -> new Solid(geom, moving[geom], all, uv, cover, rgb));
  }

  private float[] corners(int mesh) {
    int first = ints("mesh_faceadr")[mesh];
    int count = ints("mesh_facenum")[mesh];
    int base = ints("mesh_vertadr")[mesh];
    float[] corners = new float[9 * count];
    for (int i = 0; i < 3 * count; i++) {
      System.arraycopy(vertices, 3 * (base + faces[3 * first + i]), corners, 3 * i, 3);
    }
    return corners;
  }

  /** Empty where the mesh has no places on a texture. */
  private float[] uv(int mesh) {
    int base = ints("mesh_texcoordadr")[mesh];
    if (base < 0) {
      return new float[0];
    }
    int first = ints("mesh_faceadr")[mesh];
    int count = ints("mesh_facenum")[mesh];
    float[] uv = new float[6 * count];
    for (int i = 0; i < 3 * count; i++) {
      System.arraycopy(coordinates, 2 * (base + faceCoordinates[3 * first + i]), uv, 2 * i, 2);
    }
    return uv;
  }

  private int[] ints(String field) {
    return Layout.array(model, model, "mjModel." + field, JAVA_INT, arena).toArray(JAVA_INT);
  }

  private float[] floats(String field) {
    return Layout.array(model, model, "mjModel." + field, JAVA_FLOAT, arena).toArray(JAVA_FLOAT);
  }
}
