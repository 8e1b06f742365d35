{
  # node-gyp and prebuildify come through here; the build itself is CMake's, so there is one list of sources and of flags.
  "targets": [
    {
      "target_name": "rockpool",
      "type": "none",
      "actions": [
        {
          "action_name": "cmake_build",
          "inputs": ["CMakeLists.txt"],
          "outputs": ["<(PRODUCT_DIR)/rockpool.node"],
          "action": ["node", "scripts/gyp-cmake.cjs", "<(PRODUCT_DIR)", "<(target_arch)"],
          "msvs_cygwin_shell": 0
        }
      ]
    }
  ]
}
